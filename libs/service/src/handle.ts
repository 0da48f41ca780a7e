import { setTimeout as sleep } from 'node:timers/promises';
import { metadata as metadataSchema, within, type AnnalsEvent, type CommandAnswer, type Metadata, type Scope } from '@annals/contracts';
import { WrongExpectedRevision, type StoredEvent } from '@annals/event-store';
import { CommandRejected, fold, type Recorded } from '@annals/kernel';
import { isSameSecret } from '@annals/sealing';
import { departmentOf, type Log } from './log.js';
import { KeyReused, RevisionLost, Unavailable } from './problem.js';

const MAX_ATTEMPTS = 20;
const BACKOFF_MS = 4;

/**
 * A decider of one category's events. A stream holds events of its own category only, so `evolve` may ask for
 * those: as a method, unlike the kernel's, it takes such a decider.
 */
export interface StreamDecider<State> {
  readonly initialState: State;
  evolve(state: State, event: Recorded<AnnalsEvent>): State;
}

/** One command on one stream. */
export interface Handling<State> {
  readonly log: Log;
  readonly decider: StreamDecider<State>;
  /** `<category>-<uuid>` */
  readonly stream: string;
  /** What whoever sent it may see: a record outside it is not there for them. */
  readonly scope: Scope;
  /** The envelope of the command's events; its command id and fingerprint are the command's identity. */
  readonly metadata: Metadata;
  /** Pure. An empty list means that nothing changed; a refusal is thrown as `CommandRejected`. */
  readonly decide: (state: State) => readonly AnnalsEvent[];
  /** What must be durable before the events are appended: done after the stream was read, again at each attempt. */
  readonly reserve?: (state: State) => Promise<void>;
  /** The command makes the record: decide without reading first, and take a record that says the same for `unchanged`. */
  readonly expectNew?: boolean;
  /** Refuse unless the stream's last revision is this one. */
  readonly ifMatch?: number | undefined;
}

/** What became of a command, now or when it came first. */
export type Handled = Pick<CommandAnswer, 'stream' | 'revision' | 'outcome'> & { readonly erased: readonly string[] };

/**
 * Handles a command: answers a repeated one from the stream, else decides on the folded state and appends at
 * the revision that was read, again while others were faster.
 *
 * @throws CommandRejected by the decider, KeyReused, RevisionLost, Unavailable after 20 attempts, and what the store throws
 */
export async function handle<State>(handling: Handling<State>): Promise<Handled> {
  const { log, stream, expectNew = false } = handling;
  const created = await createUnread(handling);
  if (created !== undefined) return created;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const events = await log.readStored(stream);
    if (expectNew) log.meetsNewRecords = events.length === 0;
    const handled = isHidden(handling, events) ? await decideOn({ ...handling, reserve: refuseTaken }, []) : await decideOn(handling, events);
    if (handled !== undefined) return handled;
    await sleep(Math.random() * BACKOFF_MS * attempt);
  }
  throw new Unavailable('record-contended', 'This record is being written by too many at once; try again.');
}

/** Makes a record without reading first, where it is likely to be new; undefined where it is not tried, or not new. */
async function createUnread<State>(handling: Handling<State>): Promise<Handled | undefined> {
  const { log, expectNew, ifMatch, decider, decide } = handling;
  if (expectNew !== true || ifMatch !== undefined || !log.meetsNewRecords) return undefined;
  return await append(handling, -1, decide(decider.initialState));
}

/** The state of a stream now. */
export async function stateOf<State>(log: Log, decider: StreamDecider<State>, stream: string): Promise<State> {
  return fold(decider, await log.read(stream));
}

/** Whether whoever sent the command may not see the record, so that it is answered as one that is not there. */
function isHidden({ scope }: { readonly scope: Scope }, [origin]: readonly StoredEvent[]): boolean {
  return origin !== undefined && !within(scope, departmentOf(origin));
}

/** Such a record cannot be made again; that is all that is said of it. */
function refuseTaken(): Promise<void> {
  throw new CommandRejected('conflict', 'record-taken', 'This id or reference is taken by a record of another department.');
}

async function decideOn<State>(handling: Handling<State>, events: readonly StoredEvent[]): Promise<Handled | undefined> {
  const { log, stream, metadata, ifMatch } = handling;
  const identities = events.map(identityOf);
  const before = repeatOf(metadata, identities);
  if (before !== undefined) return { stream, ...before, erased: [] };
  const revision = events.length - 1;
  holdTo(ifMatch, revision);
  const unchanged = { stream, revision, outcome: 'unchanged', erased: [] } as const;
  if (handling.expectNew === true && isSameSecret(identities[0]?.fingerprint, metadata.fingerprint)) return unchanged;
  const state = fold(handling.decider, await log.codec.decode(events));
  const decided = handling.decide(state);
  if (decided.length === 0) return unchanged;
  await handling.reserve?.(state);
  return await append(handling, revision, decided);
}

function holdTo(ifMatch: number | undefined, revision: number): void {
  if (ifMatch !== undefined && ifMatch !== revision) throw new RevisionLost(ifMatch, revision);
}

const identity = metadataSchema.pick({ commandId: true, fingerprint: true });

/** The command that an event is of; known without opening the event. */
function identityOf({ metadata }: StoredEvent): Pick<Metadata, 'commandId' | 'fingerprint'> {
  return identity.parse(JSON.parse(new TextDecoder().decode(metadata)));
}

/** The first result, where this command has been handled before. @throws KeyReused where it said something else */
function repeatOf({ commandId, fingerprint }: Metadata, identities: readonly Pick<Metadata, 'commandId' | 'fingerprint'>[]): Pick<Handled, 'revision' | 'outcome'> | undefined {
  const first = identities.findIndex((each) => each.commandId === commandId);
  if (first < 0) return undefined;
  if (!isSameSecret(identities[first]?.fingerprint, fingerprint)) throw new KeyReused();
  return { revision: identities.findLastIndex((each) => each.commandId === commandId), outcome: first === 0 ? 'created' : 'changed' };
}

/** Undefined where another was faster, or where the store knows these ids: then the stream says what came of them. */
async function append<State>(
  { log, stream, metadata }: Handling<State>,
  revision: number,
  decided: readonly AnnalsEvent[],
): Promise<Handled | undefined> {
  try {
    const appended = await log.append(stream, revision < 0 ? 'NoStream' : revision, decided, metadata);
    if (appended.repeated) return undefined;
    return { stream, revision: appended.revision, outcome: revision < 0 ? 'created' : 'changed', erased: appended.erased };
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return undefined;
    throw error;
  }
}
