import { idOf, type RecordedEvent } from '@annals/contracts';
import { bigints, foldStreams, integers, settled, texts, uuids, type ReadModel, type Step, type Transaction } from '@annals/read-models';

import { MembershipRow, ModelRow } from './memberships.table.js';

type Decided = RecordedEvent<'SegmentMembershipChanged'>;
type Trained = RecordedEvent<'SegmentationTrained'>;

const SET_MEMBERSHIPS = `insert into membership (segmentation, customer, segment, since, model, department)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::integer[], $6::text[])
  on conflict (segmentation, customer) do update
  set segment = excluded.segment, since = excluded.since, model = excluded.model, department = excluded.department`;

const SET_MODEL = `insert into model (segmentation, trained_event, recorded_at, trained) values ($1, $2, $3, $4)
  on conflict (segmentation) do update
  set trained_event = excluded.trained_event, recorded_at = excluded.recorded_at, trained = excluded.trained`;

/** The decisions as they were taken: a rebuild reads them and takes none. */
export const memberships: ReadModel = {
  name: 'memberships',
  version: 1,
  events: ['SegmentationTrained', 'SegmentMembershipChanged'],
  entities: [MembershipRow, ModelRow],
  apply: foldStreams({ step, write }),
};

/** Each event stands for itself: the stream's revision alone is kept. */
function step(_: undefined, event: RecordedEvent): Step<undefined, Decided | Trained> {
  const listed = event.type === 'SegmentationTrained' || event.type === 'SegmentMembershipChanged';
  return { state: undefined, changes: listed ? [event] : [] };
}

async function write(transaction: Transaction, events: readonly (Decided | Trained)[]): Promise<void> {
  const lastDecided = new Map<string, Decided>();
  const lastTrained = new Map<string, Trained>();
  for (const event of events) {
    if (event.type === 'SegmentationTrained') lastTrained.set(event.stream, event);
    else lastDecided.set(`${event.data.segmentation} ${idOf(event.stream)}`, event);
  }
  const decided = [...lastDecided.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  await settled([setMemberships(transaction, decided), ...[...lastTrained.values()].map((event) => setModel(transaction, event))]);
}

async function setMemberships(transaction: Transaction, events: readonly Decided[]): Promise<void> {
  if (events.length === 0) return;
  await transaction.query('memberships_set', SET_MEMBERSHIPS, [
    uuids(events.map(({ data }) => data.segmentation)),
    uuids(events.map(({ stream }) => idOf(stream))),
    uuids(events.map(({ data }) => data.to ?? null)),
    bigints(events.map(({ metadata }) => Date.parse(metadata.effectiveAt))),
    integers(events.map(({ data }) => data.model)),
    texts(events.map(({ metadata }) => metadata.department)),
  ]);
}

async function setModel(transaction: Transaction, event: Trained): Promise<void> {
  await transaction.query('memberships_model', SET_MODEL, [idOf(event.stream), event.id, event.recordedAt, JSON.stringify(event.data)]);
}
