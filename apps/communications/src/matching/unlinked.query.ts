import type { Scope, UnlinkedCommunication } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

interface Row {
  readonly communication: string;
  readonly digest: string;
  readonly at: string;
  readonly department: string;
  readonly reason: UnlinkedCommunication['reason'];
  readonly kind: string;
  readonly customers: string[];
}

/** Of owners those alone who lie within the scope: an address tells nothing of whoever else has it. */
const UNLINKED = `select s.communication, s.digest, s.at, s.department, s.kind, v.customers,
    case when v.before > 1 or cardinality(v.customers) > 1 then 'several-owners' else 'later-match' end as reason
  from suggestion s join sighting g on g.communication = s.communication and g.digest = s.digest
  cross join lateral (
    select coalesce(array_agg(distinct o.customer order by o.customer) filter (where o.removed is null and o.customer = any(s.customers)), '{}') as customers,
      count(distinct o.customer) filter (where o.added < g.position and (o.removed is null or o.removed > g.position)) as before
    from owner o where o.digest = s.digest and ($4::text[] is null or o.department = any($4) or o.department like any($5::text[]))) as v
  where s.owner_then is null and cardinality(v.customers) > 0 and (s.at, s.communication, s.digest) > ($1::bigint, $2::uuid, $3::uuid)
    and ($4::text[] is null or s.department = any($4) or s.department like any($5::text[]))
  order by s.at, s.communication, s.digest limit $6`;

const NIL = '00000000-0000-0000-0000-000000000000';
/** Before every time that a contract lets through. */
const BEFORE_ALL = ['-9007199254740991', NIL, NIL];

/** A page of the queue within a scope, oldest first. @param page - `cursor` is the row to begin after */
export async function unlinkedAfter(
  reader: ReadModelReader,
  { departments }: Scope,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<{ items: UnlinkedCommunication[]; next: string | null; previous: null }> {
  const named = departments === 'all' ? null : [...departments];
  // Paths hold no character that means something to `like`.
  const below = named?.map((path) => `${path}/%`) ?? [];
  const rows = await reader.query<Row>('matching_unlinked', UNLINKED, [...(cursor?.split('_') ?? BEFORE_ALL), named, below, limit + 1]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ communication, at, department, reason, kind, customers }) => ({
      communication,
      at: new Date(Number(at)).toISOString(),
      department,
      reason,
      addressKind: kind,
      customers,
    })),
    next: rows.length > limit && last !== undefined ? `${last.at}_${last.communication}_${last.digest}` : null,
    previous: null,
  };
}
