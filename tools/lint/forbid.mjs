/**
 * A rule that refuses whatever a selector of the syntax tree matches.
 *
 * @param {string} description what the rule holds
 * @param {Record<string, string>} messages the sentence to report, by selector
 */
export function forbid(description, messages) {
  return {
    meta: { type: 'problem', docs: { description }, schema: [] },
    create: (context) =>
      Object.fromEntries(
        Object.entries(messages).map(([selector, message]) => [selector, (node) => context.report({ node, message })]),
      ),
  };
}
