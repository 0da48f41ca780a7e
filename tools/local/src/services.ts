import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './errors.js';

/** One of the processes that the supervisor starts. */
export interface ServiceDefinition {
  readonly name: string;
  /** The file that Node runs. */
  readonly entry: string;
  /** True where the log is only read: its connections may neither append to the log nor add keys. */
  readonly readsOnly?: boolean;
  /** True where nothing personal is needed: it is given no keys. */
  readonly withoutKeys?: boolean;
}

/** The one that is reached from outside: it gets the port that was asked for and the address of each other, and neither databases nor keys. */
export const gatewayName = 'gateway';

const names = ['customers', 'communications', 'transactions', 'projections', 'analytics', gatewayName];

/**
 * The services of Annals as they were built.
 *
 * @param root - the folder that holds `apps`
 */
export function builtServices(root: string): ServiceDefinition[] {
  const services = names.map((name) => ({
    name,
    entry: join(root, 'apps', name, 'dist/main.js'),
    readsOnly: name === 'projections',
    withoutKeys: name === 'analytics',
  }));
  const missing = services.find(({ entry }) => !existsSync(entry));
  if (missing !== undefined) throw new LocalError(`The service ${missing.name} is not built: ${missing.entry} is missing. Run "npm start", which builds first.`);
  return services;
}
