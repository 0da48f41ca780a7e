import { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';
import { uuid } from '../text.js';
import { address, communicationLogged, participant, part, subject } from './events.js';

/** `linkedBy` is the actor, set by the service. */
const newSubject = subject.omit({ linkedBy: true }).extend({ basis: subject.shape.basis.default('person') });

/** `POST /communications`. Normal forms of addresses and absent part ids are made by the service. */
export const logCommunication = strict(
  communicationLogged.extend({
    ...commandBase,
    id: uuid().optional(),
    participants: z
      .array(participant.extend({ address: address.omit({ normalised: true }).optional() }))
      .max(500)
      .default([]),
    subjects: z.array(newSubject).max(50).default([]),
    parts: z
      .array(part.extend({ id: uuid().optional() }))
      .max(50)
      .default([]),
  }),
);

/** `POST /communications/:id/subjects` */
export const linkCommunication = strict(newSubject.extend(commandBase));

/** `logCommunication` parsed. */
export type LogCommunication = z.infer<typeof logCommunication>;
/** `linkCommunication` parsed. */
export type LinkCommunication = z.infer<typeof linkCommunication>;
