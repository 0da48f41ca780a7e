import { forbid } from '../forbid.mjs';

const SECRET = '/(token|secret|password|passphrase|bearer|fingerprint|hmac|signature)$/i';
const isSecret = (side) => `[${side}.name=${SECRET}], [${side}.property.name=${SECRET}], [${side}.expression.property.name=${SECRET}]`;
const isOpen = (side) => `[${side}.type="Literal"], [${side}.type="Identifier"][${side}.name="undefined"]`;
/** Whether there is one at all is no secret. */
const HIDDEN = `:not(${isOpen('left')}, ${isOpen('right')})`;
const message = 'Comparing so tells by its time where two secrets differ: use isSameSecret of @annals/sealing.';

export const rule = forbid('secrets are compared in constant time', {
  [`BinaryExpression[operator=/^[!=]==?$/]:matches(${isSecret('left')}, ${isSecret('right')})${HIDDEN}`]: message,
  [`CallExpression[callee.property.name=/^(equals|compare|localeCompare)$/]:matches([callee.object.name=${SECRET}], [callee.object.property.name=${SECRET}], :has(> Identifier.arguments[name=${SECRET}]))`]: message,
});
