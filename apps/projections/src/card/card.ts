import { foldStreams, type ReadModel } from '@annals/read-models';

import { cardStep } from './card.projection.js';
import { ContactRow, MembershipRow, NameRow, ReferenceRow, SegmentRow, SourceRow, TotalRow } from './card.table.js';
import { writeCard } from './card.write.js';

/** The 360 degree card, the list of customers and the counts by source system. */
export const card: ReadModel = {
  name: 'card',
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
  entities: [TotalRow, ContactRow, NameRow, ReferenceRow, MembershipRow, SegmentRow, SourceRow],
  apply: foldStreams({ step: cardStep, write: writeCard }),
};
