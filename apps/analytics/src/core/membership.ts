import type { AnnalsEvent } from '@annals/contracts';
import type { Decider } from '@annals/kernel';

/** Events on `membership-<customer>`. */
export type MembershipEvent = AnnalsEvent<'SegmentMembershipChanged'>;

/** The segment that a customer is in, by segmentation. */
export type Membership = Readonly<Record<string, string | undefined>>;

/** A customer's memberships, folded from the decisions taken so far. */
export const membership: Decider<Membership, MembershipEvent> = {
  initialState: {},
  evolve: (state, { data }) => ({ ...state, [data.segmentation]: data.to }),
};

/** Where a customer belongs, and by what. */
export interface Placement {
  readonly segmentation: string;
  readonly to: string;
  readonly model: number;
  readonly reason: MembershipEvent['data']['reason'];
  /** Id of the event that led to it. */
  readonly cause: string;
}

/** Moves a customer where it belongs; nothing happens where it is there already. */
export function decideMembership(placement: Placement, state: Membership): MembershipEvent[] {
  const from = state[placement.segmentation];
  if (from === placement.to) return [];
  return [{ type: 'SegmentMembershipChanged', data: { ...placement, ...(from !== undefined && { from }) } }];
}
