const isSafe = ({ type, name, callee }) =>
  type === 'Literal' ||
  (type === 'Identifier' && /^[A-Z][A-Z0-9_]*$/.test(name)) ||
  (type === 'CallExpression' && callee.type === 'Identifier' && callee.name === 'quoteIdentifier');

/** The expressions that a text is built of and that no database has escaped. */
function unsafeParts(node) {
  const parts =
    node?.type === 'TemplateLiteral' ? node.expressions : node?.type === 'BinaryExpression' ? [node.left, node.right] : [];
  return parts.filter((part) => !isSafe(part)).flatMap((part) => (isBuilt(part) ? unsafeParts(part) : [part]));
}

const isBuilt = ({ type }) => type === 'TemplateLiteral' || type === 'BinaryExpression';

/** The variable of this name that is seen from a scope. */
function variableNamed(name, scope) {
  for (let at = scope; at; at = at.upper) {
    if (at.set.has(name)) return at.set.get(name);
  }
  return undefined;
}

/** The text of a query: the argument, or the `text` of an object; a variable of this file is followed to what it was given. */
function textOf(argument, scope) {
  if (argument?.type === 'ObjectExpression') {
    return textOf(argument.properties.find(({ key }) => key?.name === 'text')?.value, scope);
  }
  if (argument?.type !== 'Identifier') return argument;
  return variableNamed(argument.name, scope)?.defs[0]?.node.init;
}

export const rule = {
  meta: { type: 'problem', docs: { description: 'values reach SQL as parameters' }, schema: [] },
  create: (context) => ({
    'CallExpression[callee.property.name="query"]'(node) {
      for (const part of unsafeParts(textOf(node.arguments[0], context.sourceCode.getScope(node)))) {
        const message = 'SQL is not built from values: pass a parameter, name a CONSTANT, or use quoteIdentifier().';
        context.report({ node: part, message });
      }
    },
  }),
};
