import { z } from 'zod';

import { publicText, uuid } from '../text.js';
import { readModelStatus } from './pages.js';

/** `GET /log` of a write service: which log it writes, and how far that goes. */
export const logHead = z.object({ logId: uuid(), position: z.int() });

/** `logHead` parsed. */
export type LogHead = z.infer<typeof logHead>;

/** `GET /status` of the gateway: the system as a whole. */
export const systemStatus = z.object({
  log: z.object({ id: uuid(), position: z.int() }),
  /** The directory that holds everything, where it is one of the machine that Annals runs on. */
  dataDirectory: publicText(4_096).nullable(),
  /** Whether these are made-up data. */
  demo: z.boolean(),
  /** How callers are known: not at all, by tokens of our own, or by those of an OpenID provider. */
  callers: z.enum(['unverified', 'token', 'oidc']),
  /** Where events are published to and read from; null where everybody reads the log. */
  kafka: z.object({ brokers: z.array(publicText(300)) }).nullable(),
  readModels: z.array(readModelStatus),
});

/** `systemStatus` parsed. */
export type SystemStatus = z.infer<typeof systemStatus>;

/** `GET /read-models/:name/digest` of projections. */
export const readModelDigest = z.object({ name: publicText(64), digest: publicText(64) });

/** `readModelDigest` parsed. */
export type ReadModelDigest = z.infer<typeof readModelDigest>;
