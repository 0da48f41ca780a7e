import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { UnreadableLog } from '../errors.js';
import { APPEND, APPEND_EACH, GRANTED_FUNCTIONS, LOG_FORMAT, REFUSALS, REGISTER_CATEGORY, TABLES } from './schema.js';

/** Who owns the log, and who writes and reads it. */
export interface PostgresLogOptions {
  /** Connection of the role that will own the log's schema, to the log's own database. */
  readonly ownerUrl: string;
  /** The role that the services use; it exists already. It may append and read, and nothing else. */
  readonly appRole: string;
  /** A role of services that only read; it exists already too. */
  readonly readRole?: string;
}

const TIME_OUTS = ["statement_timeout = '30s'", "lock_timeout = '10s'", "idle_in_transaction_session_timeout = '30s'"];
const INSUFFICIENT_PRIVILEGE = '42501';
const UNDEFINED_TABLE = '42P01';

/**
 * Makes the log in a database, or brings its functions and grants up to date. May be repeated, and run by
 * several processes at once.
 *
 * @returns the log's id
 * @throws UnreadableLog where there is a log of another format
 */
export async function migratePostgresLog(options: PostgresLogOptions): Promise<string> {
  const client = new pg.Client({ connectionString: options.ownerUrl, application_name: 'annals log owner' });
  // A connection lost between two statements is reported by the next statement.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(1634627169, 3)');
    const id = await logId(client);
    for (const sql of [REFUSALS, APPEND_EACH, APPEND, REGISTER_CATEGORY]) await client.query(sql);
    await client.query('revoke all on schema annals_log from public');
    await client.query('revoke all on all functions in schema annals_log from public');
    for (const role of [options.appRole, options.readRole]) if (role !== undefined) await grantReading(client, role);
    await grantAppending(client, options.appRole);
    await client.query('commit');
    return id;
  } finally {
    await client.end();
  }
}

/** The id and format of the log in a database. Refuses what this version cannot read, in a sentence. */
export async function readLogId(client: pg.ClientBase): Promise<string> {
  try {
    const { rows } = await client.query<{ id: string; format: number }>('select id, format from annals_log.log');
    const [log] = rows;
    if (!log) throw new UnreadableLog('the log has no id: it was not created to its end');
    if (log.format !== LOG_FORMAT) {
      throw new UnreadableLog(
        `the log is of format ${log.format} and this version of Annals reads format ${LOG_FORMAT}: ` +
          `use ${log.format > LOG_FORMAT ? 'a newer' : 'an older'} version, or another database`,
      );
    }
    return log.id;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) {
      throw new UnreadableLog('the database holds no log yet: it is created by its owner, at first start', { cause: error });
    }
    throw error;
  }
}

async function logId(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('annals_log.log') is not null as there`);
  if (!rows[0]?.there) await client.query(TABLES);
  await client.query(
    'insert into annals_log.log (id, format) select $1, $2 where not exists (select from annals_log.log)',
    [randomUUID(), LOG_FORMAT],
  );
  return readLogId(client);
}

async function grantReading(client: pg.ClientBase, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  await client.query(`revoke all on all tables in schema annals_log from ${role}`);
  await client.query(`revoke all on all functions in schema annals_log from ${role}`);
  await client.query(`grant usage on schema annals_log to ${role}`);
  await client.query(`grant select on all tables in schema annals_log to ${role}`);
  await limitRole(client, name);
}

async function grantAppending(client: pg.ClientBase, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  for (const signature of GRANTED_FUNCTIONS) await client.query(`grant execute on function ${signature} to ${role}`);
}

/**
 * Time-outs on the role hold for every client, psql included. An owner that may not alter the role leaves
 * this to whoever made it; the store's own connections set the same for themselves.
 */
async function limitRole(client: pg.ClientBase, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  const database = pg.escapeIdentifier(rows[0]?.name ?? '');
  await client.query('savepoint time_outs');
  try {
    for (const setting of TIME_OUTS) await client.query(`alter role ${role} in database ${database} set ${setting}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
    await client.query('rollback to savepoint time_outs');
  }
}
