import { CATEGORIES, type Scope } from '@annals/contracts';

import type { Cursor } from '../keyset.js';
import { patternsOf } from '../scope.js';
import type { Statement } from '../statement.js';

/** Streams whose entries are of each kind. */
const CATEGORY = { communication: 'communication', transaction: 'transaction', customer: 'customer', 'follow-up': 'followup', segment: 'membership' } as const;

/** What a timeline is narrowed to; times in milliseconds since the epoch, `to` excluded. */
export interface TimelineFilter {
  readonly kind?: keyof typeof CATEGORY | undefined;
  readonly medium?: string | undefined;
  readonly platform?: string | undefined;
  readonly direction?: string | undefined;
  readonly purpose?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The messages of one conversation, each by itself. */
  readonly conversation?: string | undefined;
  /** Communications that say all these words, each by itself. */
  readonly text?: string | undefined;
  /** Whether the messages of a conversation are one entry, or each by itself; else `folded`. */
  readonly threads?: 'folded' | 'open' | undefined;
}

/** Whose timeline, and what of it. */
export interface TimelinePage {
  readonly customer: string;
  readonly filter: TimelineFilter;
  readonly limit: number;
  readonly cursor: Cursor | undefined;
}

const FITTING = 'select c.id, c.threaded, c.medium, c.direction, c.count from combination c where c.customer = ? and c.count > 0 and c.department like any(?)';

/** Adds the combinations that fit, whatever is asked for: a page is merged from the first entries of each. */
export function addFitting(statement: Statement, scope: Scope, { customer, filter }: TimelinePage): Statement {
  const { kind, medium, platform, direction, purpose } = filter;
  return statement
    .add(FITTING, customer, patternsOf(scope))
    .addIf(kind && CATEGORIES.indexOf(CATEGORY[kind]), ' and c.category = ?')
    .addIf(medium, ' and c.medium = ?')
    .addIf(platform, ' and c.platform = ?')
    .addIf(direction, ' and c.direction = ?')
    .addIf(purpose, ' and c.purpose = ?');
}
