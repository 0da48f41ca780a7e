import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, migratePostgresLog, openPostgresStore, subscribe, type Batch } from '@annals/event-store';
import { type Postgres, startPostgres } from '@annals/local';
import { Checker } from './checker.js';
import { killPostgres } from './killing.js';
import { Writers } from './writers.js';

/** How large the proof is. */
export interface ProveLogOptions {
  readonly events: number;
  readonly writers: number;
  readonly processes: number;
  readonly kills: number;
  readonly say: (line: string) => void;
}

/** What a part of the proof found. */
export interface Finding {
  readonly part: string;
  readonly events: number;
  readonly appends: number;
  /** Appends given up without an answer. */
  readonly unknown: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

const DATABASE = 'proof';
const STALLED_AFTER_MS = 60_000;
const LEAST_BETWEEN_KILLS = 500;
const MOST_BEFORE_KILL_MS = 250;
// Without these a store that did not wait for its commits would be caught less surely: what PostgreSQL has not
// been asked to write, it must not write by itself before it is killed. A store that does wait notices nothing.
const LAZY_WAL = { wal_writer_delay: '10s', wal_writer_flush_after: '1GB' };

/** Appends by many writers, followed by a reader: none missed, none doubled, every position and revision there. */
export async function proveOrder(options: ProveLogOptions): Promise<Finding> {
  return prove('order', { ...options, kills: 0 }, async ({ writers }) => writers.ended);
}

/** PostgreSQL killed under the writers, again and again: every acknowledged append is there, once. */
export async function proveDurability(options: ProveLogOptions): Promise<Finding> {
  return prove('kill -9', { ...options, events: Infinity }, async (scene) => {
    const { writers } = scene;
    for (let kill = 1; kill <= options.kills && !scene.failed; kill += 1) {
      const target = writers.acknowledgedCount + LEAST_BETWEEN_KILLS;
      await until(() => scene.failed || writers.acknowledgedCount >= target, 'the writers stand still');
      await sleep(randomInt(MOST_BEFORE_KILL_MS));
      await killPostgres(scene.postgres);
      scene.postgres = await startPostgres({ dataDir: scene.dataDir, port: scene.postgres.port, settings: LAZY_WAL });
      options.say(`PostgreSQL killed ${kill} of ${options.kills} times, ${writers.acknowledgedCount} appends acknowledged`);
    }
    await writers.stop();
  });
}

/** What a part of the proof works on. */
interface Scene {
  readonly dataDir: string;
  postgres: Postgres;
  readonly writers: Writers;
  /** Set when something is wrong already, so that the act ends early. */
  failed: boolean;
}

/** Runs a part on a PostgreSQL of its own, which is removed afterwards. */
async function prove(part: string, options: ProveLogOptions, act: (scene: Scene) => Promise<void>): Promise<Finding> {
  const dataDir = await mkdtemp(join(tmpdir(), 'annals-proof-'));
  const postgres = await startPostgres({ dataDir, settings: LAZY_WAL });
  for (const role of ['owner', 'app']) await postgres.ensureRole(role);
  await postgres.ensureDatabase(DATABASE, { owner: 'owner', users: ['app'] });
  await migratePostgresLog({ ownerUrl: postgres.url(DATABASE, 'owner'), appRole: 'app' });
  const url = postgres.url(DATABASE, 'app');
  const scene: Scene = { dataDir, postgres, writers: new Writers({ ...options, url }), failed: false };
  const end = async (): Promise<void> => {
    scene.writers.kill();
    await scene.postgres.stop({ quickly: true });
    await rm(dataDir, { recursive: true, force: true });
  };
  // PostgreSQL runs in a session of its own and would outlive a Ctrl-C.
  const interrupted = (): void => void end().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const store = await openPostgresStore({ connectionString: url });
    return await watch(part, store, scene, act(scene)).finally(() => store.close());
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await end();
  }
}

/** Follows the log while the act goes on, reads it once more from its start, and holds both against the writers. */
async function watch(part: string, store: EventStore, scene: Scene, acting: Promise<void>): Promise<Finding> {
  const { writers } = scene;
  const started = performance.now();
  const following = new Checker('the reader that followed');
  const handle = async ({ events }: Batch): Promise<void> => events.forEach((event) => following.see(event));
  const follower = subscribe({ store, handle, from: { logId: store.logId, position: 0, eventId: null } });
  const problems: string[] = [];
  try {
    await Promise.race([acting, follower.done]);
    const { position } = await store.head();
    await Promise.race([until(() => follower.place.position >= position, 'the reader stands still'), follower.done]);
  } catch (error) {
    problems.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    scene.failed = true;
    writers.kill();
    // Its own failure is the one just told, or follows from it.
    await acting.catch(() => undefined);
  }
  await follower.stop();
  const afterwards = await readAgain(store);
  for (const checker of [following, afterwards]) problems.push(...checker.problems(writers.acknowledged(), writers.unknown));
  const seconds = (performance.now() - started) / 1_000;
  return { part, events: afterwards.events, appends: writers.acknowledgedCount, unknown: writers.unknown, seconds, problems };
}

async function readAgain(store: EventStore): Promise<Checker> {
  const checker = new Checker('a reader afterwards');
  for (let after = 0; ; ) {
    const { events, next } = await store.readAll({ after, limit: 10_000 });
    for (const event of events) checker.see(event);
    if (next === after) return checker;
    after = next;
  }
}

async function until(reached: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + STALLED_AFTER_MS;
  while (!reached()) {
    if (performance.now() > deadline) throw new Error(`${otherwise} for ${STALLED_AFTER_MS / 1_000} s`);
    await sleep(5);
  }
}
