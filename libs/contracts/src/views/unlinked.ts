import { z } from 'zod';

import { code, department, instant, uuid } from '../text.js';

/**
 * One row of `GET /communications/unlinked`: an address that was used in a communication belongs to customers of whom
 * none is its subject, and a person is to say whose it was.
 */
export const unlinkedCommunication = z.object({
  communication: uuid(),
  /** When it began. */
  at: instant(),
  department: department(),
  /** `several-owners`: the address belongs, or belonged, to more than one. `later-match`: it became theirs after the communication. */
  reason: z.enum(['several-owners', 'later-match']),
  /** Of the address: `phone`, `email`, ... The address itself is in the communication. */
  addressKind: code(),
  customers: z.array(uuid()),
});

/** `unlinkedCommunication` parsed. */
export type UnlinkedCommunication = z.infer<typeof unlinkedCommunication>;
