import type { Place } from './event-store.js';

/** The stream is not at the revision that the append expected. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  /** The stream's last revision, or `'NoStream'`. */
  readonly actual: number | 'NoStream';
  /** @param last - the stream's last revision, -1 where it has no events */
  constructor(
    readonly stream: string,
    readonly expected: number | string,
    last: number,
  ) {
    const actual = last < 0 ? 'NoStream' : last;
    super(`${stream} is at ${actual}, not at ${expected}`);
    this.actual = actual;
  }
}

/** One of the event ids is in the log already, on another stream or with other company. */
export class EventIdInUse extends Error {
  override readonly name = 'EventIdInUse';
  constructor(readonly stream: string) {
    super(`an event id appended to ${stream} is in use elsewhere in the log`);
  }
}

/** A stream holds at most 10,000 events. */
export class StreamFull extends Error {
  override readonly name = 'StreamFull';
  constructor(readonly stream: string) {
    super(`${stream} would hold more than 10,000 events`);
  }
}

/** One event's data is over 512 KiB, or the append holds too many events. */
export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  constructor(readonly detail: string) {
    super(detail);
  }
}

/** The store could not be reached or did not answer in time. Whether the append was written is unknown: append again with the same ids. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The log does not hold the event that a subscription remembers at its place: another log, or an older backup of it. */
export class ForeignPlace extends Error {
  override readonly name = 'ForeignPlace';
  constructor(
    readonly place: Place,
    readonly detail: string,
  ) {
    super(`place ${place.position} (event ${place.eventId ?? 'none'} of log ${place.logId}) is not in this log: ${detail}`);
  }
}

/** The database holds no log, or one of a format that this version cannot read. */
export class UnreadableLog extends Error {
  override readonly name = 'UnreadableLog';
}
