import type { z } from 'zod';

import { canonicalJson } from '../canonical-json.js';
import type { deliveryReported } from './events.js';

/** One report of a provider. */
export type DeliveryReport = z.infer<typeof deliveryReported>;

/**
 * Ranks of delivery statuses: what is further along counts, and a failure is final. Providers' other words for
 * one status share its rank; a status that is not listed is kept and ranks below all.
 */
export const DELIVERY_RANKS: ReadonlyMap<string, number> = new Map([
  ['queued', 1],
  ['accepted', 1],
  ['scheduled', 1],
  ['sending', 2],
  ['deferred', 2],
  ['sent', 3],
  ['delivered', 4],
  ['read', 5],
  ['seen', 5],
  ['opened', 5],
  ['clicked', 5],
  ['failed', 6],
  ['undelivered', 6],
  ['bounced', 6],
  ['rejected', 6],
  ['expired', 6],
]);

const UNKNOWN_RANK = 0;
const rankOf = ({ status }: DeliveryReport): number => DELIVERY_RANKS.get(status) ?? UNKNOWN_RANK;

/**
 * The report that shows how a delivery stands: of the highest attempt, the highest rank. Reports of equal rank are
 * ordered by when the provider gave them, the first one first, and then by what they say, so that neither their
 * order nor their repetition matters: `shownReport([shownReport(some), more])` is `shownReport([...some, more])`.
 *
 * @returns undefined where there are none
 */
export function shownReport(reports: Iterable<DeliveryReport>): DeliveryReport | undefined {
  let shown: DeliveryReport | undefined;
  for (const report of reports) if (shown === undefined || isAbove(report, shown)) shown = report;
  return shown;
}

/** How a delivery stands, whatever the order of its reports: the status of `shownReport`. */
export function deliveryStatus(reports: Iterable<DeliveryReport>): string | undefined {
  return shownReport(reports)?.status;
}

function isAbove(a: DeliveryReport, b: DeliveryReport): boolean {
  if (a.attempt !== b.attempt) return a.attempt > b.attempt;
  if (rankOf(a) !== rankOf(b)) return rankOf(a) > rankOf(b);
  if (a.providerAt !== b.providerAt) return a.providerAt < b.providerAt;
  return canonicalJson(a) < canonicalJson(b);
}
