import { z } from 'zod';

import { code, department, instant, publicText, timeZone, timeZoneName, uuid } from './text.js';

/** The layout of envelope and sealing that this code reads and writes. */
export const FORMAT = 1;

/** Who did it, and how sure we are. Set by the guard, never from a body. */
export const actor = z.object({
  id: publicText(200),
  kind: z.enum(['person', 'service', 'system', 'unverified']),
  assurance: z.enum(['none', 'token', 'oidc']),
  onBehalfOf: publicText(200).optional(),
});

/** Where a record came from; `recordedAt` is when that system says it knew. */
export const source = z.object({
  system: code(),
  recordId: publicText(200).optional(),
  recordedAt: instant().optional(),
  importId: publicText(100).optional(),
});

/** What every event carries beside its data. */
export const metadata = z.object({
  format: z.literal(FORMAT),
  actor,
  department: department(),
  source: source.optional(),
  occurredAt: instant(),
  precision: z.enum(['instant', 'minute', 'day']),
  zone: timeZoneName().optional(),
  /** From when it holds; a back-dated change never overwrites a newer one. */
  effectiveAt: instant(),
  commandId: uuid(),
  /** HMAC of the command's body, hex: tells a repeat from another body under the same key. */
  fingerprint: publicText(64),
  correlationId: uuid(),
  causationId: uuid().optional(),
  traceparent: publicText(55).optional(),
});

/** `actor` parsed. */
export type Actor = z.infer<typeof actor>;
/** `metadata` parsed. */
export type Metadata = z.infer<typeof metadata>;

/** The part of the envelope that a command may say. */
export const commandMeta = z.object({
  department: department().optional(),
  source: source.optional(),
  occurredAt: instant().optional(),
  precision: metadata.shape.precision.optional(),
  zone: timeZone().optional(),
  effectiveAt: instant().optional(),
});

/** `commandMeta` parsed. */
export type CommandMeta = z.infer<typeof commandMeta>;

/** Fields that every command's body has beside its own. `key` is a batch line's idempotency key. */
export const commandBase = {
  meta: commandMeta.optional(),
  key: publicText(200).optional(),
};
