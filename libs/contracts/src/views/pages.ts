import { z } from 'zod';

import { department, jsonPointer, openedData, publicText, uuid } from '../text.js';

/** A keyset page: `next` and `previous` are cursors to send back as `?cursor=`, null at the ends. */
export const page = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), next: publicText(500).nullable(), previous: publicText(500).nullable() });

/** RFC 9457 problem details, with a JSON pointer for each fault of a body. */
export const problem = z.object({
  type: publicText(200),
  title: publicText(200),
  status: z.int(),
  code: publicText(100).optional(),
  detail: publicText(2_000).optional(),
  errors: z.array(z.object({ pointer: jsonPointer(), detail: publicText(1_000) })).optional(),
});

/** `problem` parsed. */
export type Problem = z.infer<typeof problem>;

/** Answer to a command: the record's id and the place in its stream (`stream@revision` is what `waitFor` takes). */
export const commandAnswer = z.object({
  id: uuid(),
  stream: publicText(100),
  revision: z.int(),
  outcome: z.enum(['created', 'changed', 'unchanged']),
  /** JSON pointers of personal fields that were stored as erased, their key being destroyed. */
  erased: z.array(publicText(1_000)).optional(),
});

/** `commandAnswer` parsed. */
export type CommandAnswer = z.infer<typeof commandAnswer>;

/** One line of the answer to a batch, in the order of its lines. */
export const batchLineAnswer = z.discriminatedUnion('outcome', [
  z.object({
    line: z.int().min(1),
    outcome: z.enum(['created', 'changed', 'unchanged']),
    id: uuid(),
    stream: publicText(100),
    revision: z.int(),
    /** As in `commandAnswer`. */
    erased: z.array(publicText(1_000)).optional(),
  }),
  z.object({
    line: z.int().min(1),
    outcome: z.literal('rejected'),
    status: z.int(),
    code: publicText(100),
    detail: publicText(2_000),
    errors: z.array(z.object({ pointer: jsonPointer(), detail: publicText(1_000) })).optional(),
  }),
]);

/** `batchLineAnswer` parsed. */
export type BatchLineAnswer = z.infer<typeof batchLineAnswer>;

/** What a batch may hold. */
export const BATCH_LIMITS = { lines: 5_000, bytes: 8_000_000 } as const;

/** What one source system's records add up to, by record: `GET /sources/:system/counts`. */
export const sourceCounts = z.object({
  system: publicText(64),
  /** Position in the log up to which the figures hold. */
  position: z.int(),
  customers: z.int().optional(),
  communications: z.int().optional(),
  transactions: z
    .object({
      count: z.int(),
      lines: z.int(),
      byKind: z.record(publicText(64), z.int()),
      totalMinor: z.record(publicText(3), z.int()),
    })
    .optional(),
});

/** `sourceCounts` parsed. */
export type SourceCounts = z.infer<typeof sourceCounts>;

/** One event of a record's own history, opened. */
export const historyEvent = z.object({
  position: z.int(),
  stream: publicText(100),
  revision: z.int(),
  id: uuid(),
  type: publicText(100),
  version: z.int(),
  recordedAt: publicText(24),
  occurredAt: publicText(24),
  effectiveAt: publicText(24),
  actor: z.object({ id: publicText(200), kind: publicText(20), assurance: publicText(20) }),
  department: department(),
  /** May hold personal texts, and `{"erased": true}` in the place of those whose key was destroyed. */
  data: openedData(),
});

/** `historyEvent` parsed. */
export type HistoryEvent = z.infer<typeof historyEvent>;

/** Where one read model stands: part of `GET /read-models`. */
export const readModelStatus = z.object({
  name: publicText(64),
  generation: publicText(64),
  state: z.enum(['live', 'building']),
  position: z.int(),
  /** Positions between the log's head and the read model. */
  lag: z.int(),
  parked: z.int(),
  /** Records of its topics that are not the log's, of which nothing was made. */
  refused: z.int(),
  /** Where it has its events from: none where it reads the log. */
  topics: z.array(z.object({
    name: publicText(200),
    /** Records that it has not handled yet; null where the broker does not say. */
    lag: z.int().nullable(),
  })),
  sizeBytes: z.int(),
  /** Why it stands still, in a sentence, as the process that feeds it knows it; null while it does not. */
  trouble: publicText(1_000).nullable(),
});

/** `readModelStatus` parsed. */
export type ReadModelStatus = z.infer<typeof readModelStatus>;
