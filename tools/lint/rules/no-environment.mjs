import { forbid } from '../forbid.mjs';

const message = 'The environment is read in config.ts of an app, nowhere else.';

export const rule = forbid('only config.ts reads the environment', {
  'MemberExpression[object.name="process"]:matches([property.name="env"], [property.value="env"])': message,
  'VariableDeclarator[init.name="process"] > ObjectPattern > Property[key.name="env"]': message,
  'ImportDeclaration[source.value=/^(node:)?process$/]': message,
});
