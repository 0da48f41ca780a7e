import { catalogue, transactionRecorded, type SourceCounts } from '@annals/contracts';
import type { StoredEvent } from '@annals/event-store';
import type { Log, Tally } from '@annals/service';
import { z } from 'zod';

type Figures = NonNullable<SourceCounts['transactions']>;

const NEWEST = catalogue.TransactionRecorded.versions.length;

/** What is counted. It is public, and is a small part of what the event holds. */
const counted = z.object({
  kind: transactionRecorded.shape.kind,
  currency: transactionRecorded.shape.currency,
  totalMinor: transactionRecorded.shape.totalMinor,
  lines: z.array(z.unknown()),
});

/** How the transactions of one source system add up: as recorded, cancelled or not. */
export const tallyOf = (log: Log): Tally<Figures> => ({
  category: 'transaction',
  first: 'TransactionRecorded',
  none: { count: 0, lines: 0, byKind: {}, totalMinor: {} },
  add: async (figures, records) => {
    const sum = structuredClone(figures);
    for (const event of records) {
      const { kind, currency, lines, totalMinor } = counted.parse(await dataOf(log, event));
      sum.count += 1;
      sum.lines += lines.length;
      sum.byKind[kind] = (sum.byKind[kind] ?? 0) + 1;
      sum.totalMinor[currency] = (sum.totalMinor[currency] ?? 0) + totalMinor;
    }
    return sum;
  },
});

/** Of the newest version the bytes say it already; reading every line of every transaction as well takes seconds. */
async function dataOf(log: Log, event: StoredEvent): Promise<unknown> {
  if (event.version === NEWEST) return JSON.parse(new TextDecoder().decode(event.data));
  const [decoded] = await log.codec.decode([event]);
  return decoded?.data;
}
