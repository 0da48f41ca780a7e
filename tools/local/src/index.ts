export { LocalError, exitCodes } from './errors.js';
export { freePort } from './ports.js';
export { destroyPostgres, startPostgres, type Postgres, type PostgresOptions } from './postgres.js';
