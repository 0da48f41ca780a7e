import { forbid } from '../forbid.mjs';

const message = 'A test waits for what it expects: poll with eventually() of @annals/testing.';

export const rule = forbid('a test does not sleep', {
  'Identifier[name=/^(setTimeout|setInterval)$/]': message,
  'CallExpression[callee.name=/^(sleep|delay|wait|pause)$/]': message,
  'CallExpression[callee.object.name="Atomics"][callee.property.name="wait"]': message,
  'ImportDeclaration[source.value=/^(node:)?timers/]': message,
});
