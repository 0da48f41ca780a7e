import { randomUUID } from 'node:crypto';

import { createMasterKey } from './master-key.js';
import { WrongKeys, type HeldKey, type KeyStore } from './key-store.js';

interface Row {
  readonly id: string;
  readonly holder: string;
  /** Null where it was destroyed. */
  readonly wrapped: Buffer | null;
}

/** A key store in memory, for specs: it forgets everything at its end. */
export interface MemoryKeyStore extends KeyStore {
  /** Everybody who has a key, or had one. */
  holders(): string[];
  /** Destroys a holder's key, or forbids it where there is none yet. */
  destroy(holder: string): void;
  /** Puts a key there as if it had been made before: for bytes that were sealed elsewhere. */
  restore(key: { readonly id: string; readonly holder: string; readonly wrapped: Buffer | null }): void;
}

/** @param masterKey - 32 bytes */
export function memoryKeyStore(masterKey: Uint8Array): MemoryKeyStore {
  const master = createMasterKey(masterKey);
  const byHolder = new Map<string, Row>();
  const byId = new Map<string, Row>();
  let bound: string | undefined;
  const put = (row: Row): Row => {
    byHolder.set(row.holder, row);
    byId.set(row.id, row);
    return row;
  };
  const held = (row: Row): HeldKey => ({
    id: row.id,
    key: row.wrapped === null ? undefined : master.unwrap(row.wrapped, row.id),
  });
  return {
    bind: async ({ logId, deploymentKeyId, logIsEmpty }) => {
      const asked = `${logId} ${deploymentKeyId}`;
      if ((bound ?? asked) !== asked || (bound === undefined && !logIsEmpty)) throw new WrongKeys('these are not the keys of this log');
      bound = asked;
    },
    forHolders: async (holders) =>
      new Map(
        holders.map((holder) => {
          const row = byHolder.get(holder) ?? put({ id: randomUUID(), holder, wrapped: master.generate().wrapped });
          return [holder, held(row)];
        }),
      ),
    byIds: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const row = byId.get(id);
          return row?.wrapped ? [[id, master.unwrap(row.wrapped, id)] as const] : [];
        }),
      ),
    holders: () => [...byHolder.keys()],
    destroy: (holder) => {
      put({ id: byHolder.get(holder)?.id ?? randomUUID(), holder, wrapped: null });
    },
    restore: (key) => {
      put(key);
    },
    close: async () => undefined,
  };
}
