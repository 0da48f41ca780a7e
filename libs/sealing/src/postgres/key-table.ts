import { randomUUID, type KeyObject } from 'node:crypto';
import type { Pool } from 'pg';

import type { MasterKey } from '../master-key.js';
import { WrongKeys, type Binding, type HeldKey } from '../key-store.js';
import { persist } from './connection.js';

/** One row; `wrapped` is null where the key was destroyed. */
interface KeyRow {
  readonly id: string;
  readonly holder: string;
  readonly wrapped: Buffer | null;
}

interface DeploymentRow {
  readonly log_id: string;
  readonly deployment_key: string;
  readonly master_key: string;
}

/**
 * Makes keys for the holders that have none and finds those of the others, in one statement. The holders come
 * sorted, so that two callers never wait for each other in a circle. What another caller has made since this
 * statement began is in neither half.
 */
const GET_OR_CREATE = `
with made as (
  insert into keys.sealing_key (id, holder, wrapped, master_key)
  select id, holder, wrapped, $4 from unnest($1::uuid[], $2::text[], $3::bytea[]) as wanted (id, holder, wrapped)
  on conflict (holder) do nothing
  returning id, holder, wrapped
)
select id, holder, wrapped from made
union all
select id, holder, wrapped from keys.sealing_key where holder = any($2::text[])`;

const BY_HOLDER = 'select id, holder, wrapped from keys.sealing_key where holder = any($1::text[])';
const BY_ID = 'select id, holder, wrapped from keys.sealing_key where id = any($1::uuid[])';
const BIND = `
insert into keys.deployment (log_id, deployment_key, master_key)
select $1, $2, $3 where $4 on conflict do nothing`;

/** The statements on the keys' tables; each may be repeated. */
export class KeyTable {
  constructor(
    private readonly pool: Pool,
    private readonly master: MasterKey,
    private readonly retryForMs: number,
  ) {}

  /** The keys of all holders, made where there were none. */
  async getOrCreate(holders: readonly string[]): Promise<Map<string, HeldKey>> {
    const wanted = [...holders].sort().map((holder) => ({ holder, id: randomUUID(), ...this.master.generate() }));
    const rows = await this.#query<KeyRow>('keys-get-or-create', GET_OR_CREATE, [
      wanted.map(({ id }) => id),
      wanted.map(({ holder }) => holder),
      wanted.map(({ wrapped }) => wrapped),
      this.master.id,
    ]);
    const made = new Map<string, KeyObject>(wanted.map(({ id, key }) => [id, key]));
    const held = new Map(rows.map((row) => [row.holder, { id: row.id, key: made.get(row.id) ?? this.#unwrap(row) }]));
    const rest = holders.filter((holder) => !held.has(holder));
    if (rest.length === 0) return held;
    // Somebody else made the rest while the statement waited for them: by now they are there to be seen.
    const others = await this.#query<KeyRow>('keys-by-holder', BY_HOLDER, [rest]);
    for (const row of others) held.set(row.holder, { id: row.id, key: this.#unwrap(row) });
    if (others.length < rest.length) throw new Error('the key store gave fewer keys than it was asked for');
    return held;
  }

  /** The keys by their ids; absent where destroyed or unknown. */
  async byId(ids: readonly string[]): Promise<Map<string, KeyObject>> {
    const wrapped = new Map<string, Buffer>();
    for (const row of await this.#query<KeyRow>('keys-by-id', BY_ID, [ids])) if (row.wrapped !== null) wrapped.set(row.id, row.wrapped);
    return this.master.unwrapAll(wrapped);
  }

  /** @throws WrongKeys */
  async bind({ logId, deploymentKeyId, logIsEmpty }: Binding, mayWrite: boolean): Promise<void> {
    const { id: masterKeyId } = this.master;
    if (mayWrite) await this.#query('keys-bind', BIND, [logId, deploymentKeyId, masterKeyId, logIsEmpty]);
    const [row] = await this.#query<DeploymentRow>('keys-binding', 'select * from keys.deployment', []);
    if (row === undefined) {
      if (logIsEmpty) return;
      throw new WrongKeys(`log ${logId} holds events, and this key store has never been used with it: its keys are missing`);
    }
    const differing = [
      row.log_id === logId ? '' : `log (${row.log_id})`,
      row.deployment_key === deploymentKeyId ? '' : 'deployment key',
      row.master_key === masterKeyId ? '' : 'master key',
    ].filter((part) => part !== '');
    if (differing.length === 0) return;
    throw new WrongKeys(`this key store belongs to another ${differing.join(' and another ')} than the one given for log ${logId}`);
  }

  #unwrap({ id, wrapped }: KeyRow): KeyObject | undefined {
    return wrapped === null ? undefined : this.master.unwrap(wrapped, id);
  }

  #query<R extends object>(name: string, text: string, values: unknown[]): Promise<R[]> {
    return persist(async () => (await this.pool.query<R>({ name, text, values })).rows, this.retryForMs);
  }
}
