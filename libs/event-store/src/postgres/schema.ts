/** The layout of the tables below, kept in the log itself. A log of another format is refused. */
export const LOG_FORMAT = 1;

/** The schema that holds the log in its database. */
export const LOG_SCHEMA = 'annals_log';

/** What an append has become; `append_each` answers with these numbers. */
export const VERDICT = { written: 0, repeated: 1, wrongRevision: 2, idInUse: 3, streamFull: 4 } as const;

/** How `append` is told what is expected of a stream; an exact revision is itself. */
export const EXPECTED = { NoStream: -1, Exists: -2, Any: -3 } as const;

/**
 * Tables. `recorded_at` is in milliseconds since the epoch. No foreign key from events to categories: it
 * would cost a look-up per event, and only `append` writes events.
 *
 * Rows of up to 8 kB stay in the table as they are: PostgreSQL's own compression cost more time than the
 * write it saved, and moving a common event of 2-5 kB out to the TOAST table cost twice the writes.
 */
export const TABLES = `
create schema if not exists annals_log;

create table if not exists annals_log.log (
  only_one boolean primary key default true check (only_one),
  id uuid not null,
  format integer not null,
  created_at timestamptz not null default now()
);

create table if not exists annals_log.categories (
  id smallint constraint categories_key primary key,
  name text not null constraint categories_name unique
);

create table if not exists annals_log.events (
  position bigint not null,
  recorded_at bigint not null,
  revision integer not null,
  category smallint not null,
  version smallint not null,
  id uuid not null,
  stream uuid not null,
  type text not null,
  data bytea not null,
  metadata bytea not null,
  constraint events_position primary key (position),
  constraint events_id unique (id),
  constraint events_revision unique (stream, category, revision)
) with (toast_tuple_target = 8160);

alter table annals_log.events
  alter column data set storage external,
  alter column metadata set storage external;
`;

/** Nobody changes or removes what is in the log, its owner included; always, so that a replica's role cannot either. */
export const REFUSALS = `
create or replace function annals_log.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append-only: % of %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

${['log', 'categories', 'events']
  .map(
    (table) => `
create or replace trigger append_only before update or delete or truncate on annals_log.${table}
  for each statement execute function annals_log.refuse();
alter table annals_log.${table} enable always trigger append_only;`,
  )
  .join('\n')}
`;

const SETTINGS = `security definer
  set search_path to pg_catalog, pg_temp
  set plan_cache_mode to force_generic_plan
  set enable_seqscan to off
  set jit to off`;

const PARAMETERS = `streams uuid[], stream_categories smallint[], expected integer[], counts integer[], ahead integer[],
  ids uuid[], owners integer[], steps integer[], versions smallint[], types text[], datas bytea[], metas bytea[]`;

const ARGUMENTS = 'streams, stream_categories, expected, counts, ahead, ids, owners, steps, versions, types, datas, metas';

/**
 * Appends a group of appends in one transaction, under the lock that makes the order of commits the order of
 * positions. The lock is held until the commit is durable and visible, and every statement of a volatile
 * function sees what was committed before it began.
 *
 * Arrays of appends: stream, category, expected revision, count of events, events of earlier appends of the
 * group to the same stream (`ahead`). Arrays of events: id, append it belongs to (`owners`, from 1), place in
 * that append (`steps`, from 1), version, type, data, metadata. Values are looked up by index: a join of
 * unnested arrays compares each with each.
 *
 * Normally all are accepted: then the answer is 0, the last position before the group, the time, and the last
 * revision before each append. Else each append is decided on its own and the answer is that of `append_each`.
 * An id that is in the log already fails the unique index (23505) and with it the group, of which nothing is
 * written then; it is to be sent again with `careful`, which decides each append. Looking for the ids first
 * would cost each group a tenth of its time.
 */
export const APPEND = `
drop function if exists annals_log.append;
create function annals_log.append(
  ${PARAMETERS}, careful boolean
) returns bigint[] language plpgsql volatile ${SETTINGS} as $$
declare
  head bigint;
  clock bigint;
  bases bigint[];
  accepted boolean;
begin
  -- A log that a crash can shorten is none, whatever the role or the session has been set to.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  -- As an expression: PERFORM would start the executor for it.
  if pg_advisory_xact_lock(1634627169, 1) is null then
    raise exception 'the lock of the log was not given';
  end if;
  select coalesce(h.position, 0), greatest(h.recorded_at, floor(extract(epoch from clock_timestamp()) * 1000)::bigint),
    v.bases, v.accepted
  into head, clock, bases, accepted
  from (
    select array_agg(r.base order by r.a) as bases,
      not careful and bool_and(
        case r.expected
          when ${EXPECTED.NoStream} then r.base = -1 when ${EXPECTED.Exists} then r.base >= 0
          when ${EXPECTED.Any} then true else r.base = r.expected end
        and r.base + r.count < 10000
      ) as accepted
    from (
      select s.a, expected[s.a] as expected, counts[s.a] as count, (ahead[s.a] + coalesce((
        select e.revision from annals_log.events e
        where e.stream = s.stream and e.category = stream_categories[s.a]
        order by e.revision desc limit 1), -1))::bigint as base
      from unnest(streams) with ordinality s(stream, a)
      -- Without this the look-up above would be copied to, and made at, each of its uses.
      offset 0
    ) r
  ) v left join (select e.position, e.recorded_at from annals_log.events e order by e.position desc limit 1) h on true;

  if accepted is not true then
    return annals_log.append_each(head, clock, ${ARGUMENTS});
  end if;
  insert into annals_log.events (position, recorded_at, revision, category, version, id, stream, type, data, metadata)
  select head + x.i, clock, bases[owners[x.i]] + steps[x.i], stream_categories[owners[x.i]], versions[x.i], x.id,
    streams[owners[x.i]], types[x.i], datas[x.i], metas[x.i]
  from unnest(ids) with ordinality x(id, i);
  return array[0, head, clock] || bases;
end $$;
`;

/**
 * Decides one append after another, under the lock. The answer is 1, then a verdict, revision, position and
 * time for each.
 */
export const APPEND_EACH = `
drop function if exists annals_log.append_each;
create function annals_log.append_each(
  head bigint, clock bigint, ${PARAMETERS}
) returns bigint[] language plpgsql volatile as $$
declare
  answer bigint[] := array[1];
  first integer := 1;
  own uuid[];
  last integer;
  known record;
begin
  for a in 1 .. cardinality(streams) loop
    own := ids[first : first + counts[a] - 1];
    select count(*) as count, max(e.revision) as revision, max(e.position) as position, max(e.recorded_at) as time,
      bool_and(e.stream = streams[a] and e.category = stream_categories[a])
        and max(e.revision) - min(e.revision) = counts[a] - 1
        and array_agg(e.id order by e.revision) = own as same
    into known from annals_log.events e where e.id = any(own);
    last := coalesce((
      select e.revision from annals_log.events e where e.stream = streams[a] and e.category = stream_categories[a]
      order by e.revision desc limit 1), -1);
    if known.same then
      answer := answer || array[${VERDICT.repeated}, known.revision, known.position, known.time];
    elsif known.count > 0 then
      answer := answer || array[${VERDICT.idInUse}, last, 0, 0];
    elsif not (case expected[a]
        when ${EXPECTED.NoStream} then last = -1 when ${EXPECTED.Exists} then last >= 0
        when ${EXPECTED.Any} then true else last = expected[a] end) then
      answer := answer || array[${VERDICT.wrongRevision}, last, 0, 0];
    elsif last + counts[a] >= 10000 then
      answer := answer || array[${VERDICT.streamFull}, last, 0, 0];
    else
      insert into annals_log.events (position, recorded_at, revision, category, version, id, stream, type, data, metadata)
      select head + x.step, clock, last + x.step, stream_categories[a], versions[first + x.step - 1], x.id,
        streams[a], types[first + x.step - 1], datas[first + x.step - 1], metas[first + x.step - 1]
      from unnest(own) with ordinality x(id, step);
      head := head + counts[a];
      answer := answer || array[${VERDICT.written}, last + counts[a], head, clock];
    end if;
    first := first + counts[a];
  end loop;
  return answer;
end $$;
`;

/** The number of a category, made at its first use. */
export const REGISTER_CATEGORY = `
create or replace function annals_log.register_category(category text) returns smallint
language plpgsql volatile ${SETTINGS} as $$
declare
  number smallint;
begin
  perform pg_advisory_xact_lock(1634627169, 2);
  select c.id into number from annals_log.categories c where c.name = category;
  if number is null then
    select coalesce(max(c.id), 0) + 1 into number from annals_log.categories c;
    insert into annals_log.categories (id, name) values (number, category);
  end if;
  return number;
end $$;
`;

/** The functions' signatures as a grant names them. */
export const GRANTED_FUNCTIONS = [
  'annals_log.append(uuid[], smallint[], integer[], integer[], integer[], uuid[], integer[], integer[], smallint[], text[], bytea[], bytea[], boolean)',
  'annals_log.register_category(text)',
] as const;
