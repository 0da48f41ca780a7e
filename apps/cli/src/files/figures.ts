import type { Counts } from '../catch-up.js';
import type { RecordKind } from './records.js';

/** What records add up to: their number, and of transactions the sum of each currency in minor units. */
export interface Figures {
  readonly records: number;
  readonly totalMinor: Readonly<Record<string, bigint>>;
}

/** What the records of a file add up to. */
export class FileFigures {
  /** Of all records that are sent. */
  count = 0;
  #leftOut = 0;
  readonly #totals = new Map<string, bigint>();

  constructor(private readonly kind: RecordKind) {}

  add(command: Readonly<Record<string, unknown>>): void {
    this.count++;
    this.#sum(command, 1n);
  }

  /** Takes a record out of the figures that the service rejected. */
  leaveOut(command: Readonly<Record<string, unknown>>): void {
    this.#leftOut++;
    this.#sum(command, -1n);
  }

  all(): Figures {
    return { records: this.count - this.#leftOut, totalMinor: Object.fromEntries(this.#totals) };
  }

  #sum({ currency, totalMinor }: Readonly<Record<string, unknown>>, sign: bigint): void {
    if (this.kind !== 'transactions') return;
    const known = this.#totals.get(String(currency)) ?? 0n;
    this.#totals.set(String(currency), known + sign * BigInt(Number(totalMinor)));
  }
}

/** The same figures of the log or of the read models. */
export function figuresOf(kind: RecordKind, counts: Counts): Figures {
  if (kind !== 'transactions') return { records: counts[kind] ?? 0, totalMinor: {} };
  const { count, totalMinor } = counts.transactions ?? { count: 0, totalMinor: {} };
  return { records: count, totalMinor: Object.fromEntries(Object.entries(totalMinor).map(([currency, minor]) => [currency, BigInt(minor)])) };
}

/** One figure in the three places where it can be had. */
export interface Compared {
  readonly figure: string;
  readonly file: bigint;
  readonly log: bigint;
  readonly readModels: bigint;
  readonly agrees: boolean;
}

/**
 * Puts the figures side by side. The log may hold more of a source than one file has; its sums are then another
 * matter, and only log and read models have to agree on them.
 */
export function compared(file: Figures, log: Figures, readModels: Figures): Compared[] {
  const isWhole = file.records === log.records;
  const one = (figure: string, of: (figures: Figures) => bigint, isIn: (inFile: bigint, inLog: bigint) => boolean): Compared => {
    const [inFile, inLog, inReadModels] = [of(file), of(log), of(readModels)];
    return { figure, file: inFile, log: inLog, readModels: inReadModels, agrees: inLog === inReadModels && isIn(inFile, inLog) };
  };
  const currencies = [...new Set([file, log, readModels].flatMap(({ totalMinor }) => Object.keys(totalMinor)))].toSorted();
  return [
    one('records', ({ records }) => BigInt(records), (inFile, inLog) => inFile <= inLog),
    ...currencies.map((currency) => one(`sum in ${currency} (minor units)`, ({ totalMinor }) => totalMinor[currency] ?? 0n, (inFile, inLog) => !isWhole || inFile === inLog)),
  ];
}
