import { forbid } from '../forbid.mjs';

const skipped = 'A test that does not run is reported by nobody. Run it, delete it, or use itWhere() of @annals/testing, which says why.';

export const rule = forbid('every test runs', {
  'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo|failing)$/]': skipped,
  'MemberExpression[object.object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo|failing)$/]': skipped,
  'CallExpression[callee.name=/^(fit|xit|xtest|xdescribe|fdescribe)$/]': skipped,
});
