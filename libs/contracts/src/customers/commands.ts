import { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';
import { publicText, timeZone, uuid } from '../text.js';
import {
  contactPoint,
  contactPointRemoved,
  contactPointVerified,
  customerAssigned,
  customerDeactivated,
  customerProfileChanged,
  customerReactivated,
  customerRegistered,
  customerUnassigned,
  duplicateDismissalWithdrawn,
  duplicateDismissed,
  profilingAllowed,
  profilingObjected,
  referenceAdded,
  referenceRemoved,
} from './events.js';

/** A contact point as a caller gives it: the normal form and, where absent, the id are made by the service. */
const newContactPoint = contactPoint.omit({ normalised: true }).extend({ id: uuid().optional() });

/** A tag as a caller gives it: without white space around it, for two tags that look alike are to be one. */
const tag = publicText(100).refine((text) => text === text.trim(), { error: 'has white space around it' });

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

/** `POST /customers/:id/contact-points/verifications` */
export const verifyContactPoint = strict(contactPointVerified.extend(commandBase));

/** `POST /customers/:id/contact-points/removals` */
export const removeContactPoint = strict(contactPointRemoved.extend(commandBase));

/** `POST /customers/:id/references` */
export const addReference = strict(referenceAdded.extend(commandBase));

/** `POST /customers/:id/references/removals` */
export const removeReference = strict(referenceRemoved.extend(commandBase));

/** `POST /customers/:id/assignments` */
export const assignCustomer = strict(customerAssigned.extend(commandBase));

/** `POST /customers/:id/assignments/removals` */
export const unassignCustomer = strict(customerUnassigned.extend(commandBase));

/** `POST /customers/:id/tags` */
export const tagCustomer = strict(z.object({ ...commandBase, tag }));

/** `POST /customers/:id/tags/removals` */
export const untagCustomer = tagCustomer;

/** `POST /customers/:id/deactivation` */
export const deactivateCustomer = strict(customerDeactivated.extend(commandBase));

/** `POST /customers/:id/reactivation` */
export const reactivateCustomer = strict(customerReactivated.extend(commandBase));

/** `POST /customers/:id/duplicates/dismissals` */
export const dismissDuplicate = strict(duplicateDismissed.extend(commandBase));

/** `POST /customers/:id/duplicates/dismissals/removals` */
export const withdrawDismissal = strict(duplicateDismissalWithdrawn.extend(commandBase));

/** `POST /customers/:id/profiling-objection` */
export const objectToProfiling = strict(profilingObjected.extend(commandBase));

/** `POST /customers/:id/profiling-permission` */
export const allowProfiling = strict(profilingAllowed.extend(commandBase));

/** A line of `POST /customers/changes/batch`: the customer, which change it is, and that command's own fields. */
const line = <Change extends string, Shape extends z.ZodRawShape>(change: Change, command: z.ZodObject<Shape>) =>
  command.extend({ customer: uuid(), change: z.literal(change) });

/** `POST /customers/changes/batch`: any change of any customer, named by the last part of its own route. */
export const changeCustomer = z.discriminatedUnion(
  'change',
  [
    line('profile', changeProfile),
    line('contact-points', addContactPoint),
    line('contact-points/verifications', verifyContactPoint),
    line('contact-points/removals', removeContactPoint),
    line('references', addReference),
    line('references/removals', removeReference),
    line('assignments', assignCustomer),
    line('assignments/removals', unassignCustomer),
    line('tags', tagCustomer),
    line('tags/removals', untagCustomer),
    line('deactivation', deactivateCustomer),
    line('reactivation', reactivateCustomer),
    line('duplicates/dismissals', dismissDuplicate),
    line('duplicates/dismissals/removals', withdrawDismissal),
    line('profiling-objection', objectToProfiling),
    line('profiling-permission', allowProfiling),
  ],
  { error: 'is no change of a customer: see the last parts of the routes under /customers/:id' },
);

/** `registerCustomer` parsed. */
export type RegisterCustomer = z.infer<typeof registerCustomer>;
/** `changeProfile` parsed. */
export type ChangeProfile = z.infer<typeof changeProfile>;
/** `addContactPoint` parsed. */
export type AddContactPoint = z.infer<typeof addContactPoint>;
/** `verifyContactPoint` parsed. */
export type VerifyContactPoint = z.infer<typeof verifyContactPoint>;
/** `removeContactPoint` parsed. */
export type RemoveContactPoint = z.infer<typeof removeContactPoint>;
/** `addReference` parsed. */
export type AddReference = z.infer<typeof addReference>;
/** `removeReference` parsed. */
export type RemoveReference = z.infer<typeof removeReference>;
/** `assignCustomer` parsed. */
export type AssignCustomer = z.infer<typeof assignCustomer>;
/** `unassignCustomer` parsed. */
export type UnassignCustomer = z.infer<typeof unassignCustomer>;
/** `tagCustomer` parsed. */
export type TagCustomer = z.infer<typeof tagCustomer>;
/** `untagCustomer` parsed. */
export type UntagCustomer = z.infer<typeof untagCustomer>;
/** `deactivateCustomer` parsed. */
export type DeactivateCustomer = z.infer<typeof deactivateCustomer>;
/** `reactivateCustomer` parsed. */
export type ReactivateCustomer = z.infer<typeof reactivateCustomer>;
/** `dismissDuplicate` parsed. */
export type DismissDuplicate = z.infer<typeof dismissDuplicate>;
/** `withdrawDismissal` parsed. */
export type WithdrawDismissal = z.infer<typeof withdrawDismissal>;
/** `objectToProfiling` parsed. */
export type ObjectToProfiling = z.infer<typeof objectToProfiling>;
/** `allowProfiling` parsed. */
export type AllowProfiling = z.infer<typeof allowProfiling>;
/** `changeCustomer` parsed. */
export type ChangeCustomer = z.infer<typeof changeCustomer>;
