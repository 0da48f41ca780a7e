import { forbid } from '../forbid.mjs';

const message = "A title says what is so: 'refuses a second log', not what should be.";
const called = ':matches([callee.name=/^(describe|it|test)$/], [callee.object.name=/^(describe|it|test)$/], [callee.callee.object.name=/^(describe|it|test)$/])';

export const rule = forbid("a test's title is a sentence without 'should'", {
  [`CallExpression${called} > Literal:first-child[value=/\\bshould\\b/i]`]: message,
  [`CallExpression${called} > TemplateLiteral:first-child > TemplateElement[value.raw=/\\bshould\\b/i]`]: message,
});
