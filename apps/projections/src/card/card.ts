import { foldStreams, type ReadModel } from '@annals/read-models';

import { AssignedRow, BilledRow, ListedRow, PointRow, TaggedRow } from '../customers/customers.table.js';
import type { DigestOf } from '../customers/customers.projection.js';
import { AlikeRow, DismissedRow } from '../duplicates/duplicates.table.js';
import { FollowUpRow } from '../follow-ups/follow-ups.table.js';
import { cardStep } from './card.projection.js';
import { BoughtRow, ContactRow, MembershipRow, NameRow, ReferenceRow, SegmentRow, SourceRow, TotalRow } from './card.table.js';
import { writeCard } from './card.write.js';

/**
 * The 360 degree card, the lists of customers and of follow-ups, and the counts by source system.
 *
 * @param digestOf - how a contact point is kept where it is looked up
 */
export const card = (digestOf: DigestOf): ReadModel => ({
  name: 'card',
  version: 3,
  events: [
    'CustomerRegistered',
    'CustomerProfileChanged',
    'ContactPointAdded',
    'ContactPointVerified',
    'ContactPointRemoved',
    'ReferenceAdded',
    'ReferenceRemoved',
    'CustomerAssigned',
    'CustomerUnassigned',
    'CustomerTagged',
    'CustomerUntagged',
    'CustomerDeactivated',
    'CustomerReactivated',
    'DuplicateDismissed',
    'DuplicateDismissalWithdrawn',
    'ProfilingObjected',
    'ProfilingAllowed',
    'CommunicationLogged',
    'CommunicationAmended',
    'CommunicationLinked',
    'CommunicationUnlinked',
    'CommunicationRetracted',
    'FollowUpScheduled',
    'FollowUpReassigned',
    'FollowUpPostponed',
    'FollowUpCompleted',
    'FollowUpCancelled',
    'TransactionRecorded',
    'TransactionCancelled',
    'TransactionAttributed',
    'TransactionUnattributed',
    'SegmentationTrained',
    'SegmentMembershipChanged',
  ],
  entities: [
    TotalRow, ContactRow, BoughtRow, NameRow, ReferenceRow, MembershipRow, SegmentRow, SourceRow,
    ListedRow, BilledRow, PointRow, AlikeRow, DismissedRow, TaggedRow, AssignedRow, FollowUpRow,
  ],
  apply: foldStreams({ step: cardStep(digestOf), write: writeCard }),
});
