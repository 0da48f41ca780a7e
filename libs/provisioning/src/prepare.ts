import { loginOf, ProvisioningRefused } from './login.js';
import { administer, ensureDatabase, ensureRole } from './roles.js';

/** Connections as they will be used, `postgres://role:password@host:port/database`: what each names is made. */
export interface OwnedConnections {
  /** Of the role that owns the database, by which nothing is served. */
  readonly owner: string;
  /** Of the services that write. */
  readonly writer: string;
  /** Of the services that only read. */
  readonly reader: string;
}

/**
 * Makes the log's roles, database and schema, or brings them up to date: the writer may append and read, the reader only read.
 * May be repeated.
 *
 * @param adminUrl - a superuser of that server, or a role that may make roles and databases
 * @throws ProvisioningRefused, UnreadableLog where there is a log of another format, and what PostgreSQL says
 */
export async function prepareLog(adminUrl: string, log: OwnedConnections): Promise<void> {
  const { writer, reader } = await makeDatabase(adminUrl, log, 'the log');
  // Loaded here, not above: the log's own specs make their databases by this package and must need neither log nor keys for it.
  const { migratePostgresLog } = await import('@annals/event-store');
  await migratePostgresLog({ ownerUrl: log.owner, appRole: writer, readRole: reader });
}

/**
 * Makes the key store's roles, database and schema, or brings them up to date: the writer may add keys, the reader only read
 * them, and neither may change or remove one. May be repeated.
 *
 * @param adminUrl - as for `prepareLog`
 * @throws ProvisioningRefused, and what PostgreSQL says
 */
export async function prepareKeys(adminUrl: string, keys: OwnedConnections): Promise<void> {
  const { writer, reader } = await makeDatabase(adminUrl, keys, 'the keys');
  const { migrateKeyStore } = await import('@annals/sealing');
  await migrateKeyStore({ ownerUrl: keys.owner, writerRole: writer, readerRole: reader });
}

/**
 * Makes the role and the database of the read models. Their schemas are made and dropped by the services that build them, so
 * that their role owns the database. May be repeated.
 *
 * @param adminUrl - as for `prepareLog`; of the read models' server, which may be another
 * @throws ProvisioningRefused, and what PostgreSQL says
 */
export async function prepareReadModels(adminUrl: string, url: string): Promise<void> {
  const login = loginOf(url, 'the read models');
  await administer(adminUrl, async (client) => {
    await ensureRole(client, login);
    await ensureDatabase(client, login.database, { owner: login.role });
  });
}

/** @returns the names of the roles that use it */
async function makeDatabase(adminUrl: string, { owner, writer, reader }: OwnedConnections, of: string): Promise<{ writer: string; reader: string }> {
  const owning = loginOf(owner, `the owner of ${of}`);
  const [writing, reading] = [loginOf(writer, `those who write ${of}`), loginOf(reader, `those who read ${of}`)];
  const users = [writing.role, reading.role];
  if (users.includes(owning.role)) throw new ProvisioningRefused(`${owning.role} owns ${of} and cannot be used by a service too: an owner may change what is written.`);
  if (writing.role === reading.role) throw new ProvisioningRefused(`${writing.role} cannot both write and only read ${of}: name two roles.`);
  if (new Set([owning, writing, reading].map(({ database }) => database)).size > 1) throw new ProvisioningRefused(`The connections of ${of} name different databases.`);
  await administer(adminUrl, async (client) => {
    for (const login of [owning, writing, reading]) await ensureRole(client, login);
    await ensureDatabase(client, owning.database, { owner: owning.role, users });
  });
  return { writer: writing.role, reader: reading.role };
}
