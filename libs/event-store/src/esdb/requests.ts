import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ANY_CATEGORY = '[a-z][a-z0-9]{0,62}';
/** Events that the server looks at in one step of a filtered read; more than the count, or servers before 23.6 refuse it. */
const SEARCH_WINDOW = 1_000;

/** Where to begin in a stream, and how much to return. */
export interface StreamRange {
  readonly backwards: boolean;
  /** A revision; undefined for the end, backwards. */
  readonly from: number | undefined;
  readonly count: number;
}

/** Where to begin in `$all`: forwards with the event at a position, backwards at the end. */
export interface AllRange {
  /** A position where an event begins; 0 for the beginning, undefined to go backwards from the end. */
  readonly from: number | undefined;
  readonly count: number;
  /** Names of streams; all streams of the server by default. */
  readonly streams?: string;
}

/** The names of the streams of these categories, as a regular expression; of all categories by default. The server's own never match. */
export function streamNames(categories?: readonly string[]): string {
  return `^(?:${categories?.join('|') ?? ANY_CATEGORY})-${UUID}$`;
}

/** A request for a part of one stream. */
export function streamRequest(stream: string, { backwards, from, count }: StreamRange): ReadReq {
  const of = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(new shared.StreamIdentifier().setStreamName(new Uint8Array(Buffer.from(stream))));
  if (from === undefined) of.setEnd(new shared.Empty());
  else of.setRevision(String(from));
  return requestOf(optionsOf(backwards, count).setStream(of).setNoFilter(new shared.Empty()));
}

/** A request for a part of `$all`. The client's own `readAll` has no filter, though the server has. */
export function allRequest({ from, count, streams: names }: AllRange): ReadReq {
  const of = new streams.ReadReq.Options.AllOptions();
  if (from === undefined) of.setEnd(new shared.Empty());
  else if (from === 0) of.setStart(new shared.Empty());
  else of.setPosition(new streams.ReadReq.Options.Position().setCommitPosition(String(from)).setPreparePosition(String(from)));
  const options = optionsOf(from === undefined, count).setAll(of);
  return requestOf(names === undefined ? options.setNoFilter(new shared.Empty()) : options.setFilter(filterOf(names, count)));
}

function filterOf(names: string, count: number): ReadReq.Options.FilterOptions {
  return new streams.ReadReq.Options.FilterOptions()
    .setStreamIdentifier(new streams.ReadReq.Options.FilterOptions.Expression().setRegex(names))
    .setMax(Math.max(SEARCH_WINDOW, count + 1))
    .setCheckpointintervalmultiplier(1);
}

function optionsOf(backwards: boolean, count: number): ReadReq.Options {
  const { FORWARDS, BACKWARDS } = streams.ReadReq.Options.ReadDirection;
  return new streams.ReadReq.Options()
    .setReadDirection(backwards ? BACKWARDS : FORWARDS)
    .setResolveLinks(false)
    .setCount(String(count))
    .setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty()));
}

const requestOf = (options: ReadReq.Options): ReadReq => new streams.ReadReq().setOptions(options);
