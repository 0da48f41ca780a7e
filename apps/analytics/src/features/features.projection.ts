import { idOf, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

/** Of a communication or transaction, what features need. */
export interface FeatureState {
  readonly customers: readonly string[];
  readonly department: string;
  readonly at: number;
  /** What each customer's figures get from it. */
  readonly figures: readonly Figure[];
  readonly cancelled: boolean;
}

/** One addition to a customer's figures. */
export interface Figure {
  readonly measure: 'invoices' | 'billed' | 'communications';
  readonly unit: string;
  readonly value: number;
}

/** What changes in the tables. */
export type FeatureChange =
  | ({ readonly to: 'figure'; readonly customer: string } & Figure)
  | {
      readonly to: 'dealing';
      readonly customer: string;
      readonly at: number;
      readonly record: string;
      readonly department: string;
      readonly present: boolean;
    }
  | { readonly to: 'clock'; readonly at: number }
  | ({ readonly to: 'touched' } & Touched);

/** A customer whose figures an event has changed: no table, but a reason to look at the customer's segment. */
export interface Touched {
  readonly customer: string;
  readonly cause: Pick<RecordedEvent, 'id' | 'stream' | 'revision'> & { readonly effectiveAt: string };
}

const BILLED_KINDS: ReadonlySet<string> = new Set(['invoice', 'credit-note', 'adjustment']);

/** What one more event makes of its stream, and what it changes in the figures of customers. */
export function featuresStep(state: FeatureState | undefined, event: RecordedEvent): Step<FeatureState | undefined, FeatureChange> {
  const after = evolve(state, event);
  if (after === state) return { state, changes: [] };
  const record = idOf(event.stream);
  const clock: FeatureChange[] = after === undefined ? [] : [{ to: 'clock', at: after.at }];
  const changes = difference(contributions(record, state), contributions(record, after));
  return { state: after, changes: [...clock, ...changes, ...touched(after?.customers ?? [], event)] };
}

function touched(customers: readonly string[], { id, stream, revision, metadata }: RecordedEvent): FeatureChange[] {
  const cause = { id, stream, revision, effectiveAt: metadata.effectiveAt };
  return customers.map((customer) => ({ to: 'touched', customer, cause }));
}

function evolve(state: FeatureState | undefined, event: RecordedEvent): FeatureState | undefined {
  switch (event.type) {
    case 'TransactionRecorded':
      return ofTransaction(event);
    case 'CommunicationLogged':
      return {
        ...momentOf(event),
        customers: customersOf(event.data.subjects),
        figures: [{ measure: 'communications', unit: '', value: 1 }],
      };
    case 'CommunicationLinked':
      return state && { ...state, customers: [...new Set([...state.customers, ...customersOf([event.data.subject])])] };
    case 'TransactionCancelled':
      return state && { ...state, cancelled: true };
    default:
      return state;
  }
}

function ofTransaction(event: RecordedEvent<'TransactionRecorded'>): FeatureState | undefined {
  const { kind, currency, totalMinor, parties } = event.data;
  if (!BILLED_KINDS.has(kind)) return undefined;
  const invoices: Figure[] = kind === 'invoice' ? [{ measure: 'invoices', unit: '', value: 1 }] : [];
  return {
    ...momentOf(event),
    customers: [...new Set(parties.map(({ customerId }) => customerId))],
    figures: [...invoices, { measure: 'billed', unit: currency, value: totalMinor }],
  };
}

function momentOf({ metadata }: RecordedEvent): Pick<FeatureState, 'at' | 'department' | 'cancelled'> {
  return { at: Date.parse(metadata.effectiveAt), department: metadata.department, cancelled: false };
}

function customersOf(subjects: readonly { readonly ref: object }[]): string[] {
  const refs = subjects.map(({ ref }) => ('customer' in ref && typeof ref.customer === 'string' ? ref.customer : undefined));
  return [...new Set(refs.filter((customer) => customer !== undefined))];
}

/** A cancelled transaction counts for nothing, but the row of its figure stays: what is there must not depend on batches. */
function contributions(record: string, state: FeatureState | undefined): FeatureChange[] {
  if (state === undefined) return [];
  const { customers, at, department, cancelled, figures } = state;
  return customers.flatMap((customer): FeatureChange[] => [
    ...figures.map((figure): FeatureChange => ({ to: 'figure', customer, ...figure, value: cancelled ? 0 : figure.value })),
    { to: 'dealing', customer, at, record, department, present: !cancelled },
  ]);
}

function difference(before: readonly FeatureChange[], after: readonly FeatureChange[]): FeatureChange[] {
  const had = new Set(before.map((change) => JSON.stringify(change)));
  const takenBack = before.flatMap((change): FeatureChange[] => (change.to === 'figure' ? [{ ...change, value: -change.value }] : []));
  return [...takenBack, ...after.filter((change) => change.to === 'figure' || !had.has(JSON.stringify(change)))];
}
