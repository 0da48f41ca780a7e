import { foldStreams, type ReadModel } from '@annals/read-models';

import { timelineStep } from './timeline.projection.js';
import { CombinationRow, EntryRow, SaidRow, SegmentRow, ThreadRow } from './timeline.table.js';
import { writeTimeline } from './timeline.write.js';

/** All that concerns a customer, in order of time. */
export const timeline: ReadModel = {
  name: 'timeline',
  version: 2,
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
    'DeliveryReported',
    'AnnotationAdded',
    'AnnotationRemoved',
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
  entities: [EntryRow, CombinationRow, ThreadRow, SaidRow, SegmentRow],
  apply: foldStreams({ step: timelineStep, write: writeTimeline }),
};
