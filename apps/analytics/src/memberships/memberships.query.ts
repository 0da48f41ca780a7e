import type { Scope, SegmentMember, SegmentsView } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';
import { inverse } from '@annals/segmentation';

import type { Trained } from '../core/segmentation.js';

/** The active model as the read model holds it. */
export interface ActiveModel {
  readonly trained: Trained;
  readonly trainedEvent: string;
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
}

/** The active model of a segmentation; undefined before it is trained. */
export async function activeModel(reader: ReadModelReader, segmentation: string): Promise<ActiveModel | undefined> {
  const [row] = await reader.query<{ trained: string; trained_event: string; recorded_at: string }>(
    'model_of',
    'select trained, trained_event, recorded_at from model where segmentation = $1',
    [segmentation],
  );
  if (row === undefined) return undefined;
  // The text was written from the parsed data of the event.
  return { trained: JSON.parse(row.trained) as Trained, trainedEvent: row.trained_event, recordedAt: Number(row.recorded_at) };
}

/** The segment of every customer who is in one. */
export async function segmentOfAll(reader: ReadModelReader, segmentation: string): Promise<Map<string, string>> {
  const rows = await reader.query<{ customer: string; segment: string }>(
    'membership_all',
    'select customer, segment from membership where segmentation = $1 and segment is not null',
    [segmentation],
  );
  return new Map(rows.map(({ customer, segment }) => [customer, segment]));
}

/** The segmentation as `GET /segments` shows it; undefined before it is trained. Counts are of all departments, and for who sees all of them. */
export async function segmentsOf(reader: ReadModelReader, { departments }: Scope, segmentation: string): Promise<SegmentsView | undefined> {
  const active = await activeModel(reader, segmentation);
  if (active === undefined) return undefined;
  const counted = await reader.query<{ segment: string; members: string }>(
    'membership_counts',
    'select segment, count(*) as members from membership where segmentation = $1 and segment is not null group by segment',
    [segmentation],
  );
  const members = new Map(counted.map((row) => [row.segment, Number(row.members)]));
  const { trained } = active;
  const { model, trainedOn, k, seed, inertia, silhouette, features } = trained;
  return {
    segmentation,
    model,
    trainedAt: new Date(active.recordedAt).toISOString(),
    trainedOn,
    k,
    seed,
    inertia,
    silhouette,
    features,
    segments: trained.segments.map(({ id, name, centroid }) => {
      const raw = inverse(trained.scaler, centroid);
      const named = features.map((feature, index) => [feature, raw[index] ?? 0]);
      return { id, name, members: departments === 'all' ? (members.get(id) ?? 0) : null, centroid: Object.fromEntries(named) as Record<string, number> };
    }),
  };
}

const MEMBERS = `select customer, since, model from membership
  where segmentation = $1 and segment = $2 and customer > $3 order by customer limit $4`;

/** A segment's members after a customer's id, by ascending id. */
export async function membersAfter(
  reader: ReadModelReader,
  of: { readonly segmentation: string; readonly segment: string },
  after: string,
  limit: number,
): Promise<SegmentMember[]> {
  const values = [of.segmentation, of.segment, after, limit];
  const rows = await reader.query<{ customer: string; since: string; model: number }>('membership_page', MEMBERS, values);
  return rows.map(({ customer, since, model }) => ({ customer, since: new Date(Number(since)).toISOString(), model }));
}
