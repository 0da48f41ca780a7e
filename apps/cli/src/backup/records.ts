import { z } from 'zod';

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));

/** A line of a set of events. */
export const eventRecord = z.object({
  position: z.int().min(1),
  stream: z.string(),
  revision: z.int().min(0),
  id: z.uuid(),
  type: z.string(),
  version: z.int().min(1),
  data: bytes,
  metadata: bytes,
  recordedAt: z.int(),
});

/** A line of a set of keys. */
export const keyRecord = z.object({
  id: z.uuid(),
  holder: z.string(),
  wrapped: z.base64().nullable(),
  masterKey: z.string(),
  createdAt: z.string(),
  destroyedAt: z.string().nullable(),
});

export type EventRecord = z.infer<typeof eventRecord>;
export type KeyRecord = z.infer<typeof keyRecord>;
