import type { Counts } from '../catch-up.js';
import type { Figures } from './survey.js';

/** The ledger's only currency. */
const CURRENCY = 'GBP';

/** One figure, wherever it can be had. */
export interface Comparison {
  readonly figure: string;
  readonly file: bigint;
  /** The part of the file that is not recorded. */
  readonly refused: bigint;
  readonly log: bigint;
  readonly readModels: bigint;
  readonly isMoney: boolean;
}

function transactionsOf(counts: Counts): readonly number[] {
  const { count, lines, byKind, totalMinor } = counts.transactions ?? { count: 0, lines: 0, byKind: {}, totalMinor: {} };
  return [
    lines,
    count,
    byKind['invoice'] ?? 0,
    byKind['credit-note'] ?? 0,
    byKind['adjustment'] ?? 0,
    counts.customers ?? 0,
    totalMinor[CURRENCY] ?? 0,
  ];
}

function figuresOf({ lines, transactions, byKind, customers, totalMinor }: Figures): readonly (number | bigint)[] {
  return [lines, transactions, byKind.invoice, byKind['credit-note'], byKind.adjustment, customers, totalMinor];
}

const LABELS = ['lines', 'transactions', '  invoices', '  credit notes', '  adjustments', 'customers', 'sum in GBP'];

/** Puts the figures of file, log and read models side by side. */
export function compare(of: { file: Figures; refused: Figures }, log: Counts, readModels: Counts): Comparison[] {
  const columns = [figuresOf(of.file), figuresOf(of.refused), transactionsOf(log), transactionsOf(readModels)];
  return LABELS.map((figure, row) => {
    const [file = 0n, refused = 0n, inLog = 0n, inReadModels = 0n] = columns.map((column) => BigInt(column[row] ?? 0));
    return { figure, file, refused, log: inLog, readModels: inReadModels, isMoney: row === LABELS.length - 1 };
  });
}

/** Whether log and read models hold what the file has, apart from what was refused. */
export function agrees({ file, refused, log, readModels }: Comparison): boolean {
  return log === file - refused && readModels === log;
}

/** A whole number with separators, or minor units as an amount. */
export function shownFigure(value: bigint, isMoney: boolean): string {
  if (!isMoney) return value.toLocaleString('en-GB');
  const size = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${(size / 100n).toLocaleString('en-GB')}.${(size % 100n).toString().padStart(2, '0')}`;
}

/** The comparison as a table in plain text. */
export function tableOf(comparisons: readonly Comparison[]): string {
  const withRefused = comparisons.some(({ refused }) => refused !== 0n);
  const rows = comparisons.map((each) => {
    const cells = [each.file, ...(withRefused ? [each.refused] : []), each.log, each.readModels];
    return [each.figure, ...cells.map((cell) => shownFigure(cell, each.isMoney)), agrees(each) ? 'agrees' : 'DIFFERS'];
  });
  const table = [['', 'file', ...(withRefused ? ['refused'] : []), 'log', 'read models', ''], ...rows];
  const widths = table.reduce((all, row) => row.map((cell, at) => Math.max(cell.length, all[at] ?? 0)), [] as number[]);
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 || at === row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return table.map((row) => line(row).trimEnd()).join('\n');
}
