/** What a text or a choice is made of. */
const partsOf = {
  TemplateLiteral: ({ expressions }) => expressions,
  BinaryExpression: ({ left, right }) => [left, right],
  ConditionalExpression: ({ consequent, alternate }) => [consequent, alternate],
  ArrayExpression: ({ elements }) => elements,
};

const isConstant = ({ type, name }) => type === 'Literal' || (type === 'Identifier' && /^[A-Z][A-Z0-9_]*$/.test(name));

/** `quoteIdentifier(x)`, or pg's own `escapeIdentifier` and `escapeLiteral`. */
function isQuoted({ type, callee }) {
  if (type !== 'CallExpression') return false;
  return ['quoteIdentifier', 'escapeIdentifier', 'escapeLiteral'].includes((callee.property ?? callee).name);
}

/** Where the variable of this name that a scope sees is defined, if it is in this file. */
function definitionOf(name, scope) {
  let at = scope;
  while (at !== null && !at.set.has(name)) at = at.upper;
  return at?.set.get(name).defs[0];
}

/** What a `const` of this file was given, or the list that it goes through in a loop. */
function givenTo({ type, name }, scope) {
  const definition = type === 'Identifier' ? definitionOf(name, scope) : undefined;
  if (definition?.parent?.kind !== 'const') return undefined;
  const loop = definition.parent.parent;
  return definition.node.init ?? (loop.type === 'ForOfStatement' ? loop.right : undefined);
}

/** The parts of an expression that may hold what a caller sent. */
function unsafeIn(node, scope) {
  if (isConstant(node) || isQuoted(node)) return [];
  if (node.type in partsOf) return partsOf[node.type](node).flatMap((part) => unsafeIn(part, scope));
  const given = givenTo(node, scope);
  return given !== undefined && unsafeIn(given, scope).length === 0 ? [] : [node];
}

/** The text of a query where this file builds it: the first argument, or the `text` of an object. */
function textOf(argument, scope) {
  const isObject = argument?.type === 'ObjectExpression';
  const text = isObject ? argument.properties.find(({ key }) => key?.name === 'text')?.value : argument;
  return text && (givenTo(text, scope) ?? text);
}

export const rule = {
  meta: { type: 'problem', docs: { description: 'values reach SQL as parameters' }, schema: [] },
  create: (context) => ({
    'CallExpression[callee.property.name="query"]'(node) {
      const scope = context.sourceCode.getScope(node);
      const text = textOf(node.arguments[0], scope);
      for (const part of text && text.type in partsOf ? unsafeIn(text, scope) : []) {
        const message = 'SQL is not built from values: pass a parameter, name a CONSTANT, or quote an identifier.';
        context.report({ node: part, message });
      }
    },
  }),
};
