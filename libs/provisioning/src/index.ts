export { ProvisioningRefused } from './login.js';
export { prepareKeys, prepareLog, prepareReadModels, type OwnedConnections } from './prepare.js';
export { administer, ensureDatabase, ensureRole } from './roles.js';
