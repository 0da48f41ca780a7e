import { randomUUID } from 'node:crypto';

import { migratePostgresLog, openPostgresStore, type EventStore } from '@annals/event-store';

/** One append: `revision` is the stream's last, -1 for a new stream. */
export interface Append {
  readonly uuid: string;
  readonly revision: number;
  readonly events: readonly { type: string; payload: object; metadata: object }[];
}

/** A store under measurement. */
export interface System {
  append(append: Append): Promise<void>;
  close(): Promise<void>;
}

/** The stores compared, ours first. */
export const SYSTEMS = ['annals', 'castore', 'emmett'] as const;

/** Name of a store compared. */
export type SystemName = (typeof SYSTEMS)[number];

const encode = (value: object): Buffer => Buffer.from(JSON.stringify(value));

function annals(store: EventStore): System {
  return {
    async append({ uuid, revision, events }) {
      await store.append(
        `bench-${uuid}`,
        revision === -1 ? 'NoStream' : revision,
        events.map(({ type, payload, metadata }) => ({
          id: randomUUID(),
          type,
          version: 1,
          data: encode(payload),
          metadata: encode(metadata),
        })),
      );
    },
    close: () => store.close(),
  };
}

/**
 * Opens a store on a database of its own.
 *
 * @param url - for us, of the role that may append and read; for the peers, of the owner
 */
export async function openSystem(name: SystemName, url: string): Promise<System> {
  if (name === 'annals') return annals(await openPostgresStore({ connectionString: url }));
  const peer = (await import(new URL(`../../peers/${name}.mjs`, import.meta.url).href)) as {
    open(url: string): Promise<System>;
  };
  return peer.open(url);
}

/** Makes our schema in an empty database and lets a role use it. */
export async function prepareAnnals(ownerUrl: string, appRole: string): Promise<void> {
  await migratePostgresLog({ ownerUrl, appRole });
}
