import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, LocalError, writeDurably } from '@annals/local';
import { keyPairFiles, newKeyPair } from '@annals/tokens';

/** The account of the images, to whom root's files are given. */
const IMAGE_ACCOUNT = 1_000;
const KEY_BYTES = 32;
const EVENT_STORE_DB = 'esdb://eventstoredb:2113?tls=false';

/** Roles, and the database that each connects to. */
const CONNECTIONS = {
  'log-owner-url': ['log_owner', 'log'],
  'event-store-url': ['log_app', 'log'],
  'event-store-reader-url': ['log_reader', 'log'],
  'keys-owner-url': ['keys_owner', 'keys'],
  'key-store-url': ['keys_writer', 'keys'],
  'key-store-reader-url': ['keys_reader', 'keys'],
  'database-url': ['read_models', 'read_models'],
} as const;

/** What was sealed and named with these cannot be opened or found with others. */
const LASTING = ['master.key', 'deployment.key'] as const;

/** What `makeSecrets` is told. */
export interface SecretsOptions {
  /** `host:port` of PostgreSQL as the services see it. */
  readonly server: string;
}

/** Every file that `makeSecrets` makes. */
export const secretNames: readonly string[] = [
  'postgres-password',
  'admin-url',
  ...Object.keys(CONNECTIONS),
  'eventstoredb-event-store-url',
  'eventstoredb-event-store-reader-url',
  ...LASTING,
  keyPairFiles.signing,
  keyPairFiles.verifying,
  'grafana-password',
];

/**
 * Makes the passwords and keys of a deployment, a file each, of mode 0600 in a folder of mode 0700. What is there is left as
 * it is, so that what was made can be replaced by hand: the connection of a database that others run, a public key of theirs.
 *
 * @returns the names of those that were made
 * @throws LocalError where a folder of an earlier time misses a key that a log was written with
 */
export async function makeSecrets(folder: string, { server }: SecretsOptions): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const there = new Set(await readdir(folder));
  const lost = LASTING.filter((name) => !there.has(name));
  if (there.size > 0 && lost.length > 0) {
    throw new LocalError(`${folder} was made before and misses ${lost.join(' and ')}: put it back from your backup, since a log that was written with it cannot be read with another.`, exitCodes.keysMissing);
  }
  const made: string[] = [];
  const make = async (name: string, content: () => string | Uint8Array): Promise<void> => {
    if (there.has(name)) return;
    await writeDurably(join(folder, name), content());
    made.push(name);
  };
  // First, so that a folder that has anything has them.
  for (const name of LASTING) await make(name, () => randomBytes(KEY_BYTES));
  await make('postgres-password', password);
  const superuser = await readFile(join(folder, 'postgres-password'), 'utf8');
  await make('admin-url', () => connection(server, 'postgres', superuser.trim(), 'postgres'));
  for (const [name, [role, database]] of Object.entries(CONNECTIONS)) await make(name, () => connection(server, role, password(), database));
  for (const name of ['event-store-url', 'event-store-reader-url']) await make(`eventstoredb-${name}`, () => EVENT_STORE_DB);
  await makeKeyPair(there, make);
  await make('grafana-password', password);
  await giveToImages(folder, made);
  return made;
}

/** A lost pair is made anew: tokens that were signed with it are then refused, and nothing else is lost. */
async function makeKeyPair(there: Set<string>, make: (name: string, content: () => string) => Promise<void>): Promise<void> {
  const { signing, verifying } = newKeyPair();
  // Tokens that others sign are known by their public half alone.
  if (there.has(keyPairFiles.verifying)) return;
  there.delete(keyPairFiles.signing);
  await make(keyPairFiles.signing, () => signing);
  await make(keyPairFiles.verifying, () => verifying);
}

const password = (): string => randomBytes(24).toString('base64url');

function connection(server: string, role: string, itsPassword: string, database: string): string {
  return `postgres://${role}:${itsPassword}@${server}/${database}`;
}

/** Root makes them for the account that the images run under; anybody else runs the images as himself. */
async function giveToImages(folder: string, made: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const name of made) await chown(join(folder, name), IMAGE_ACCOUNT, IMAGE_ACCOUNT);
}
