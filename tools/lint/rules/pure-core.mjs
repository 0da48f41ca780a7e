const known = new Set(
  (
    'Array BigInt Boolean Error Infinity Intl JSON Map NaN Number Object Promise RangeError RegExp Set String Symbol TypeError ' +
    'Uint8Array WeakMap WeakSet isFinite isNaN parseFloat parseInt structuredClone undefined'
  ).split(' '),
);

const memberOf = ({ parent }) => (parent.type === 'MemberExpression' && !parent.computed ? parent.property.name : undefined);
const isOfArguments = ({ parent }) => parent.type === 'NewExpression' && parent.arguments.length > 0;

/** `new Date(x)`, `Date.UTC(...)`, `Date.parse(x)` and all of Math but `random` come out the same every time. */
function isRepeatable(identifier) {
  const member = memberOf(identifier);
  if (identifier.name === 'Math') return member !== undefined && member !== 'random';
  if (identifier.name === 'Date') return ['UTC', 'parse'].includes(member) || isOfArguments(identifier);
  return known.has(identifier.name);
}

/** Every global that is not known to be a pure function of its arguments is refused: clock, chance, environment, I/O. */
export const rule = {
  meta: { type: 'problem', docs: { description: 'a core reads no clock, takes no chances and does no I/O' }, schema: [] },
  create(context) {
    const { scopeManager } = context.sourceCode;
    return {
      'Program:exit'() {
        const { variables, through } = scopeManager.globalScope;
        const globals = variables.filter(({ defs }) => defs.length === 0).flatMap(({ references }) => references);
        for (const { identifier, isValueReference } of [...globals, ...through]) {
          if (isValueReference === false || isRepeatable(identifier)) continue;
          context.report({ node: identifier, message: `A core is pure: ${identifier.name} is not. Take what it gives as an argument.` });
        }
      },
    };
  },
};
