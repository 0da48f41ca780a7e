import { EVERYWHERE, type ExternalReference, type Metadata, type RecordedEvent, type ReferenceEvent } from '@annals/contracts';
import { CommandRejected, type Decider } from '@annals/kernel';
import { handle, stateOf } from './handle.js';
import type { Log } from './log.js';
import { Unavailable } from './problem.js';

/** An external reference, whatever has it. */
export interface Named {
  readonly category: 'customer';
  readonly reference: ExternalReference;
}

/** The claim on a reference that counts. */
export interface Claim {
  /** UUID of the record that has it. */
  readonly target: string;
  /** Where in the log it was claimed. */
  readonly position: number;
}

/** `free` was claimed before, and released. */
type Claims = 'new' | 'free' | Claim;

const claims: Decider<Claims, ReferenceEvent> = {
  initialState: 'new',
  evolve: (_, { type, data, position }) => (type === 'ReferenceClaimed' ? { target: data.target, position } : 'free'),
};

const isClaim = (state: Claims): state is Claim => typeof state === 'object';

function streamOf({ identities }: Log, { category, reference }: Named): string {
  return `reference-${identities.referencedId(category, reference.system, reference.id)}`;
}

/** The claim on a reference, if there is one now. */
export async function claimOn(log: Log, named: Named): Promise<Claim | undefined> {
  const state = await stateOf(log, claims, streamOf(log, named));
  return isClaim(state) ? state : undefined;
}

/**
 * Claims an external reference for a record that is not written yet, on a stream of the reference's own.
 *
 * @param targets - the record's UUID where nobody had the reference before, and where somebody had: the first is
 * likely to be made of the reference, so that a former holder may have it
 * @returns the record that has the claim: ours, or the one that was first. Whether that was ever written does not
 * matter: whoever finds a claim uses its target.
 */
export async function claimReference(log: Log, named: Named, targets: { readonly first: string; readonly again: string }, metadata: Metadata): Promise<string> {
  const stream = streamOf(log, named);
  const claimed = (target: string): ReferenceEvent => ({ type: 'ReferenceClaimed', data: { category: named.category, target } });
  const decide = (state: Claims): ReferenceEvent[] => (isClaim(state) ? [] : [claimed(state === 'new' ? targets.first : targets.again)]);
  // The second time for a reference that was released: what was first claimed with the same words is no answer there.
  for (const expectNew of [true, false]) {
    const { outcome } = await handle({ log, decider: claims, stream, scope: EVERYWHERE, metadata, decide, expectNew });
    if (outcome === 'created') return targets.first;
    const target = targetIn(await log.read(stream), metadata.commandId);
    if (target !== undefined) return target;
  }
  throw new Unavailable('reference-contended', 'This reference is being given away by too many at once; try again.');
}

/** The record that this command claimed for, also if it has lost the reference since; else the one that has the claim. */
function targetIn(events: readonly RecordedEvent[], commandId: string): string | undefined {
  const own = events.find((event) => event.metadata.commandId === commandId);
  const last = own ?? events.at(-1);
  return last?.type === 'ReferenceClaimed' ? last.data.target : undefined;
}

/** A record that gets or loses a reference. */
export interface Holder {
  readonly target: string;
  /** Position of the last event on the record's stream that took the reference away, where there is one. */
  readonly removedAt: number | undefined;
}

/**
 * Claims a reference for a record that is there, after its stream was read and before the addition is appended
 * at the revision that was read.
 *
 * A claim from before the last removal is about to be released, and is claimed anew. A later claim can be released
 * only by a later removal, which is on the record's stream, so that the addition finds another revision and starts
 * over. So a record never has a reference whose claim is gone.
 *
 * @throws CommandRejected where another record has the claim
 */
export async function claimFor(log: Log, named: Named, { target, removedAt = -1 }: Holder, metadata: Metadata): Promise<void> {
  const stream = streamOf(log, named);
  const decide = (state: Claims): ReferenceEvent[] => {
    if (isClaim(state) && state.target !== target) throw new CommandRejected('conflict', 'reference-taken', `Another ${named.category} has this reference.`);
    return isClaim(state) && state.position > removedAt ? [] : [{ type: 'ReferenceClaimed', data: { category: named.category, target } }];
  };
  // A command that has to claim again, since what it claimed was taken away meanwhile, is another one to the reference.
  const commandId = removedAt < 0 ? metadata.commandId : log.identities.eventId(metadata.commandId, `${stream}/again`, removedAt);
  await handle({ log, decider: claims, stream, scope: EVERYWHERE, metadata: { ...metadata, commandId }, decide });
}

/** Releases a reference after its removal was appended, unless it was claimed since. */
export async function releaseReference(log: Log, named: Named, { target, removedAt = -1 }: Holder, metadata: Metadata): Promise<void> {
  const released: ReferenceEvent = { type: 'ReferenceReleased', data: { category: named.category, target } };
  const decide = (state: Claims): ReferenceEvent[] => (isClaim(state) && state.target === target && state.position < removedAt ? [released] : []);
  await handle({ log, decider: claims, stream: streamOf(log, named), scope: EVERYWHERE, metadata, decide });
}
