import { foldStreams, type ReadModel } from '@annals/read-models';

import { timelineStep } from './timeline.projection.js';
import { EntryRow, SegmentRow } from './timeline.table.js';
import { writeTimeline } from './timeline.write.js';

/** All that concerns a customer, in order of time. */
export const timeline: ReadModel = {
  name: 'timeline',
  version: 1,
  events: [
    'CustomerRegistered',
    'CustomerProfileChanged',
    'ContactPointAdded',
    'CommunicationLogged',
    'CommunicationLinked',
    'TransactionRecorded',
    'TransactionCancelled',
    'SegmentationTrained',
    'SegmentMembershipChanged',
  ],
  entities: [EntryRow, SegmentRow],
  apply: foldStreams({ step: timelineStep, write: writeTimeline }),
};
