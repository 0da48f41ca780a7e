import pg from 'pg';

/** Who owns the key store, and who uses it. */
export interface KeyStoreOwner {
  /** Connection of the role that will own the keys' schema, to the key store's own database. */
  readonly ownerUrl: string;
  /** Role of the services that write events: it may read keys and add new ones. It exists already. */
  readonly writerRole: string;
  /** Role of the services that only open fields: it may read keys. It exists already; may be the same. */
  readonly readerRole: string;
}

/**
 * `sealing_key` has a row for each holder, for ever: a destroyed key leaves its row, without the key.
 * `deployment` has the one row that ties the keys to their log.
 */
const TABLES = `
create schema if not exists keys;
create table if not exists keys.sealing_key (
  id uuid primary key,
  holder text collate "C" not null unique check (octet_length(holder) <= 200),
  wrapped bytea check (octet_length(wrapped) = 40),
  master_key text not null,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  check ((wrapped is null) = (destroyed_at is not null))
);
create table if not exists keys.deployment (
  only_one boolean primary key default true check (only_one),
  log_id uuid not null,
  deployment_key text not null,
  master_key text not null,
  bound_at timestamptz not null default now()
);
revoke all on schema keys from public;
revoke all on all tables in schema keys from public;
`;

/**
 * Makes the key store in a database, or brings its grants up to date. May be repeated, and run by several
 * processes at once. Neither role may change or remove a row.
 */
export async function migrateKeyStore({ ownerUrl, writerRole, readerRole }: KeyStoreOwner): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'annals keys owner' });
  // A connection lost between two statements is reported by the next statement.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(1634627169, 5)');
    await client.query(TABLES);
    const [writer, reader] = [pg.escapeIdentifier(writerRole), pg.escapeIdentifier(readerRole)];
    await client.query(`revoke all on all tables in schema keys from ${writer}, ${reader}`);
    await client.query(`grant usage on schema keys to ${writer}, ${reader}`);
    await client.query(`grant select on keys.sealing_key, keys.deployment to ${writer}, ${reader}`);
    // Column by column, so that a row can only begin with a key in it.
    await client.query(`grant insert (id, holder, wrapped, master_key) on keys.sealing_key to ${writer}`);
    await client.query(`grant insert (log_id, deployment_key, master_key) on keys.deployment to ${writer}`);
    await client.query('commit');
  } finally {
    await client.end();
  }
}
