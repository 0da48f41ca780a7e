export { makeSecrets, secretNames, type SecretsOptions } from './secrets.js';
