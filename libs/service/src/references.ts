import { EVERYWHERE, type ExternalReference, type Metadata, type ReferenceEvent } from '@annals/contracts';
import type { Decider } from '@annals/kernel';
import { handle, stateOf } from './handle.js';
import type { Log } from './log.js';

/** The record that a reference is taken for, if any. */
const claims: Decider<string | undefined, ReferenceEvent> = {
  initialState: undefined,
  evolve: (_, event) => (event.type === 'ReferenceClaimed' ? event.data.target : undefined),
};

/** A reference to claim, and the record for which. */
export interface Claim {
  readonly category: 'customer';
  readonly reference: ExternalReference;
  /** UUID of the record, unless another one has the claim already. */
  readonly target: string;
}

/**
 * Claims an external reference for a record that is not written yet, on a stream of the reference's own.
 *
 * @returns the record that has the claim: the target given, or the one that was first. Whether that was ever
 * written does not matter: whoever finds a claim uses its target.
 */
export async function claimReference(log: Log, { category, reference, target }: Claim, metadata: Metadata): Promise<string> {
  const stream = `reference-${log.identities.referencedId(category, reference.system, reference.id)}`;
  const claimed: ReferenceEvent = { type: 'ReferenceClaimed', data: { category, target } };
  const decide = (state: string | undefined): ReferenceEvent[] => (state === undefined ? [claimed] : []);
  const { outcome } = await handle({ log, decider: claims, stream, scope: EVERYWHERE, metadata, decide, expectNew: true });
  if (outcome === 'created') return target;
  return (await stateOf(log, claims, stream)) ?? target;
}

