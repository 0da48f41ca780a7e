import { z } from 'zod';

/** What somebody may do, wherever their departments let them. */
export const role = z.enum(['reader', 'agent', 'integrator', 'auditor', 'privacy-officer', 'admin']);

/** `role` parsed. */
export type Role = z.infer<typeof role>;
