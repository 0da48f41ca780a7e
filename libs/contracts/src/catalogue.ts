import type { Recorded } from '@annals/kernel';

import {
  annotationAdded,
  annotationAmended,
  annotationRemoved,
  communicationAmended,
  communicationLinked,
  communicationLogged,
  communicationMatchDismissed,
  communicationRetracted,
  communicationUnlinked,
  deliveryReported,
} from './communications/events.js';
import {
  contactPointAdded,
  contactPointRemoved,
  contactPointVerified,
  customerAssigned,
  customerDeactivated,
  customerProfileChanged,
  customerProfileChangedV1,
  customerReactivated,
  customerRegistered,
  customerRegisteredV1,
  customerTagged,
  customerUnassigned,
  customerUntagged,
  duplicateDismissalWithdrawn,
  duplicateDismissed,
  profilingAllowed,
  profilingObjected,
  referenceAdded,
  referenceRemoved,
} from './customers/events.js';
import type { Metadata } from './envelope.js';
import { eventType, nextVersion, type EventsOf } from './event-type.js';
import { followUpCancelled, followUpCompleted, followUpPostponed, followUpReassigned, followUpScheduled } from './follow-ups/events.js';
import { referenceClaimed, referenceReleased } from './references/events.js';
import { segmentationCreated, segmentationTrained, segmentMembershipChanged } from './segments/events.js';
import { transactionAttributed, transactionCancelled, transactionRecorded, transactionUnattributed } from './transactions/events.js';

/** Every event that the log can hold. */
export const catalogue = {
  CustomerRegistered: nextVersion(eventType('customer', customerRegisteredV1), customerRegistered, (data) => data),
  CustomerProfileChanged: nextVersion(eventType('customer', customerProfileChangedV1), customerProfileChanged, (data) => data),
  ContactPointAdded: eventType('customer', contactPointAdded),
  ContactPointVerified: eventType('customer', contactPointVerified),
  ContactPointRemoved: eventType('customer', contactPointRemoved),
  ReferenceAdded: eventType('customer', referenceAdded),
  ReferenceRemoved: eventType('customer', referenceRemoved),
  CustomerAssigned: eventType('customer', customerAssigned),
  CustomerUnassigned: eventType('customer', customerUnassigned),
  CustomerTagged: eventType('customer', customerTagged),
  CustomerUntagged: eventType('customer', customerUntagged),
  CustomerDeactivated: eventType('customer', customerDeactivated),
  CustomerReactivated: eventType('customer', customerReactivated),
  DuplicateDismissed: eventType('customer', duplicateDismissed),
  DuplicateDismissalWithdrawn: eventType('customer', duplicateDismissalWithdrawn),
  ProfilingObjected: eventType('customer', profilingObjected),
  ProfilingAllowed: eventType('customer', profilingAllowed),
  CommunicationLogged: eventType('communication', communicationLogged),
  CommunicationAmended: eventType('communication', communicationAmended),
  CommunicationLinked: eventType('communication', communicationLinked),
  CommunicationUnlinked: eventType('communication', communicationUnlinked),
  CommunicationMatchDismissed: eventType('communication', communicationMatchDismissed),
  CommunicationRetracted: eventType('communication', communicationRetracted),
  DeliveryReported: eventType('communication', deliveryReported),
  AnnotationAdded: eventType('communication', annotationAdded),
  AnnotationAmended: eventType('communication', annotationAmended),
  AnnotationRemoved: eventType('communication', annotationRemoved),
  FollowUpScheduled: eventType('followup', followUpScheduled),
  FollowUpReassigned: eventType('followup', followUpReassigned),
  FollowUpPostponed: eventType('followup', followUpPostponed),
  FollowUpCompleted: eventType('followup', followUpCompleted),
  FollowUpCancelled: eventType('followup', followUpCancelled),
  TransactionRecorded: eventType('transaction', transactionRecorded),
  TransactionCancelled: eventType('transaction', transactionCancelled),
  TransactionAttributed: eventType('transaction', transactionAttributed),
  TransactionUnattributed: eventType('transaction', transactionUnattributed),
  ReferenceClaimed: eventType('reference', referenceClaimed),
  ReferenceReleased: eventType('reference', referenceReleased),
  SegmentationCreated: eventType('segmentation', segmentationCreated),
  SegmentationTrained: eventType('segmentation', segmentationTrained),
  SegmentMembershipChanged: eventType('membership', segmentMembershipChanged),
} as const;

/** Names of all events. */
export type EventName = keyof typeof catalogue;
/** Events by name: `AnnalsEvent<'CustomerRegistered' | 'ContactPointAdded'>`; all of them by default. */
export type AnnalsEvent<Types extends EventName = EventName> = EventsOf<typeof catalogue, Types>;
/** The same, as read from the log. */
export type RecordedEvent<Types extends EventName = EventName> = {
  [T in Types]: Recorded<EventsOf<typeof catalogue, T>, Metadata>;
}[Types];

/** Events on customers' streams. */
export type CustomerEvent = AnnalsEvent<
  | 'CustomerRegistered'
  | 'CustomerProfileChanged'
  | 'ContactPointAdded'
  | 'ContactPointVerified'
  | 'ContactPointRemoved'
  | 'ReferenceAdded'
  | 'ReferenceRemoved'
  | 'CustomerAssigned'
  | 'CustomerUnassigned'
  | 'CustomerTagged'
  | 'CustomerUntagged'
  | 'CustomerDeactivated'
  | 'CustomerReactivated'
  | 'DuplicateDismissed'
  | 'DuplicateDismissalWithdrawn'
  | 'ProfilingObjected'
  | 'ProfilingAllowed'
>;
/** Events on communications' streams. */
export type CommunicationEvent = AnnalsEvent<
  | 'CommunicationLogged'
  | 'CommunicationAmended'
  | 'CommunicationLinked'
  | 'CommunicationUnlinked'
  | 'CommunicationMatchDismissed'
  | 'CommunicationRetracted'
  | 'DeliveryReported'
  | 'AnnotationAdded'
  | 'AnnotationAmended'
  | 'AnnotationRemoved'
>;
/** Events on follow-ups' streams. */
export type FollowUpEvent = AnnalsEvent<
  'FollowUpScheduled' | 'FollowUpReassigned' | 'FollowUpPostponed' | 'FollowUpCompleted' | 'FollowUpCancelled'
>;
/** Events on transactions' streams. */
export type TransactionEvent = AnnalsEvent<
  'TransactionRecorded' | 'TransactionCancelled' | 'TransactionAttributed' | 'TransactionUnattributed'
>;
/** Events on references' streams. */
export type ReferenceEvent = AnnalsEvent<'ReferenceClaimed' | 'ReferenceReleased'>;
