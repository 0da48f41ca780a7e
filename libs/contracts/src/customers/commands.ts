import { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';
import { timeZone, uuid } from '../text.js';
import { contactPoint, customerProfileChanged, customerRegistered } from './events.js';

/** A contact point as a caller gives it: the normal form and, where absent, the id are made by the service. */
const newContactPoint = contactPoint.omit({ normalised: true }).extend({ id: uuid().optional() });

/** `POST /customers` */
export const registerCustomer = strict(
  customerRegistered.extend({
    ...commandBase,
    id: uuid().optional(),
    contactPoints: z.array(newContactPoint).max(50).optional(),
    zone: timeZone().optional(),
  }),
);

/** `POST /customers/:id/profile` */
export const changeProfile = strict(
  customerProfileChanged.extend({ ...commandBase, zone: timeZone().nullable().optional() }),
);

/** `POST /customers/:id/contact-points` */
export const addContactPoint = strict(newContactPoint.extend(commandBase));

/** `registerCustomer` parsed. */
export type RegisterCustomer = z.infer<typeof registerCustomer>;
/** `changeProfile` parsed. */
export type ChangeProfile = z.infer<typeof changeProfile>;
/** `addContactPoint` parsed. */
export type AddContactPoint = z.infer<typeof addContactPoint>;
