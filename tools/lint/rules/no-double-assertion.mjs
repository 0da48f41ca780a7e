import { forbid } from '../forbid.mjs';

export const rule = forbid('a value is not asserted to be one thing and then another', {
  'TSAsExpression > TSAsExpression, TSAsExpression > TSTypeAssertion, TSTypeAssertion > TSAsExpression, TSTypeAssertion > TSTypeAssertion':
    'Two assertions in a row switch the types off. Parse, narrow, or change the type.',
});
