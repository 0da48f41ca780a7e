import { foldStreams, type ReadModel } from '@annals/read-models';

import { MembershipRow } from '../card/card.table.js';
import { AssignedRow, TaggedRow } from '../customers/customers.table.js';
import { recordsStep } from './records.projection.js';
import { CombinationRow, ConcernedRow, CustomerRow, RecordRow } from './records.table.js';
import { writeRecords } from './records.write.js';

/** Communications and transactions across customers: lists of them, and what they come to. */
export const records: ReadModel = {
  name: 'records',
  version: 1,
  events: [
    'CustomerRegistered',
    'CustomerProfileChanged',
    'CustomerAssigned',
    'CustomerUnassigned',
    'CustomerTagged',
    'CustomerUntagged',
    'CommunicationLogged',
    'CommunicationAmended',
    'CommunicationLinked',
    'CommunicationUnlinked',
    'CommunicationRetracted',
    'TransactionRecorded',
    'TransactionCancelled',
    'TransactionAttributed',
    'TransactionUnattributed',
    'SegmentMembershipChanged',
  ],
  entities: [RecordRow, CombinationRow, ConcernedRow, CustomerRow, TaggedRow, AssignedRow, MembershipRow],
  apply: foldStreams({ step: recordsStep, write: writeRecords }),
};
