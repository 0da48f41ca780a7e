import { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';
import { externalReference, publicText, uuid } from '../text.js';
import {
  address,
  amendedFields,
  annotationAdded,
  annotationAmended,
  annotationRemoved,
  communicationAmended,
  communicationLogged,
  communicationMatchDismissed,
  communicationRetracted,
  communicationUnlinked,
  deliveryReported,
  participant,
  part,
  subject,
} from './events.js';

/** `linkedBy` is the actor, set by the service. */
const newSubject = subject.omit({ linkedBy: true }).extend({ basis: subject.shape.basis.default('person') });
/** Normal forms of addresses and absent part ids are made by the service. */
const newParticipants = z.array(participant.extend({ address: address.omit({ normalised: true }).optional() })).max(500);
const newParts = z.array(part.extend({ id: uuid().optional() })).max(50);

/** `POST /communications` */
export const logCommunication = strict(
  communicationLogged.extend({
    ...commandBase,
    id: uuid().optional(),
    participants: newParticipants.default([]),
    subjects: z.array(newSubject).max(50).default([]),
    parts: newParts.default([]),
  }),
);

/** `POST /communications/:id/subjects` */
export const linkCommunication = strict(newSubject.extend(commandBase));

/** `POST /communications/:id/subjects/removals` */
export const unlinkCommunication = strict(communicationUnlinked.extend(commandBase));

/** `POST /communications/unlinked/:id/dismissal` */
export const dismissMatch = strict(communicationMatchDismissed.extend(commandBase));

/** `POST /communications/:id/amendment`: lists are given in full. */
export const amendCommunication = strict(
  communicationAmended.extend({
    ...commandBase,
    changed: amendedFields.extend({ participants: newParticipants.optional(), parts: newParts.optional() }),
  }),
);

/** `POST /communications/:id/retraction` */
export const retractCommunication = strict(communicationRetracted.extend(commandBase));

const newReport = deliveryReported.extend({ ...commandBase, attempt: deliveryReported.shape.attempt.default(1) });

/** `POST /communications/:id/delivery-reports` */
export const reportDelivery = strict(newReport);

/** `POST /communications/delivery-reports` and its batch: of the communication that the provider knows by this reference. */
export const reportDeliveryByReference = strict(newReport.extend({ reference: externalReference() }));

/** Absent, the author is the actor. */
const author = publicText(200).optional();

/** `POST /communications/:id/annotations` */
export const addAnnotation = strict(annotationAdded.extend({ ...commandBase, id: uuid().optional(), author }));

/** `POST /communications/:id/annotations/:annotation/amendment` */
export const amendAnnotation = strict(annotationAmended.omit({ id: true }).extend({ ...commandBase, author }));

/** `POST /communications/:id/annotations/:annotation/removal` */
export const removeAnnotation = strict(annotationRemoved.omit({ id: true }).extend(commandBase));

/** `logCommunication` parsed. */
export type LogCommunication = z.infer<typeof logCommunication>;
/** `linkCommunication` parsed. */
export type LinkCommunication = z.infer<typeof linkCommunication>;
/** `unlinkCommunication` parsed. */
export type UnlinkCommunication = z.infer<typeof unlinkCommunication>;
/** `dismissMatch` parsed. */
export type DismissMatch = z.infer<typeof dismissMatch>;
/** `amendCommunication` parsed. */
export type AmendCommunication = z.infer<typeof amendCommunication>;
/** `retractCommunication` parsed. */
export type RetractCommunication = z.infer<typeof retractCommunication>;
/** `reportDelivery` parsed. */
export type ReportDelivery = z.infer<typeof reportDelivery>;
/** `reportDeliveryByReference` parsed. */
export type ReportDeliveryByReference = z.infer<typeof reportDeliveryByReference>;
/** `addAnnotation` parsed. */
export type AddAnnotation = z.infer<typeof addAnnotation>;
/** `amendAnnotation` parsed. */
export type AmendAnnotation = z.infer<typeof amendAnnotation>;
/** `removeAnnotation` parsed. */
export type RemoveAnnotation = z.infer<typeof removeAnnotation>;
