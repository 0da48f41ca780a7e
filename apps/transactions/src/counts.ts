import type { SourceCounts } from '@annals/contracts';
import type { Log, Tally } from '@annals/service';

type Figures = NonNullable<SourceCounts['transactions']>;

/** How the transactions of one source system add up: as recorded, cancelled or not. */
export const tallyOf = (log: Log): Tally<Figures> => ({
  category: 'transaction',
  first: 'TransactionRecorded',
  none: { count: 0, lines: 0, byKind: {}, totalMinor: {} },
  add: async (figures, records) => {
    const sum = structuredClone(figures);
    for (const event of await log.codec.decode(records)) {
      if (event.type !== 'TransactionRecorded') continue;
      const { kind, currency, lines, totalMinor } = event.data;
      sum.count += 1;
      sum.lines += lines.length;
      sum.byKind[kind] = (sum.byKind[kind] ?? 0) + 1;
      sum.totalMinor[currency] = (sum.totalMinor[currency] ?? 0) + totalMinor;
    }
    return sum;
  },
});
