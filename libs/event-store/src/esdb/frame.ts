import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { UnreadableLog } from '../errors.js';
import type { NewEvent, StoredEvent } from '../event-store.js';

type RecordedEvent = ReadResp.ReadEvent.RecordedEvent;

/** Bytes of an append's mark. */
export const MARK_BYTES = 8;

// The first byte is no beginning of a JSON text, so that nobody takes the frame for one, and the frame's version.
const FORMAT = 1;
const HEAD_BYTES = 1 + 2 + MARK_BYTES;
const TICKS_PER_MS = 10_000n;

/** An event, and by which call of `append` it was written. */
export interface FramedEvent {
  readonly event: StoredEvent;
  readonly mark: Buffer;
}

/**
 * The custom metadata of an event: format, version of the event's type, mark of the append, then the metadata as it was
 * given. EventStoreDB has no field of its own for the version, and does not say whether an append was a repeat: who
 * appended reads the mark back.
 */
export function framed({ version, metadata }: NewEvent, mark: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + metadata.byteLength);
  frame[0] = FORMAT;
  new DataView(frame.buffer).setUint16(1, version);
  frame.set(mark, 3);
  frame.set(metadata, HEAD_BYTES);
  return frame;
}

/**
 * The event that a record of EventStoreDB holds. Its position is its commit position: for whatever gRPC appended, that is
 * where its own record begins, also among several of one append.
 *
 * @throws UnreadableLog where the record is not one that this adapter wrote
 */
export function unframed(record: RecordedEvent): FramedEvent {
  const stream = streamOf(record);
  const frame = record.getCustomMetadata_asU8();
  const revision = Number(record.getStreamRevision());
  if (frame.byteLength < HEAD_BYTES || frame[0] !== FORMAT) throw new UnreadableLog(`event ${revision} of ${stream} was not written by Annals`);
  const { buffer, byteOffset, byteLength } = frame;
  const attributes = record.getMetadataMap();
  const event: StoredEvent = {
    position: positionOf(record),
    stream,
    revision,
    id: record.getId()?.getString() ?? '',
    type: attributes.get('type') ?? '',
    version: new DataView(buffer, byteOffset).getUint16(1),
    data: bytesOf(record.getData_asU8()),
    metadata: Buffer.from(buffer, byteOffset + HEAD_BYTES, byteLength - HEAD_BYTES),
    recordedAt: Number(BigInt(attributes.get('created') ?? '0') / TICKS_PER_MS),
  };
  return { event, mark: Buffer.from(buffer, byteOffset + 3, MARK_BYTES) };
}

/** The name of a record's stream. */
export function streamOf(record: RecordedEvent): string {
  return bytesOf(record.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array()).toString('utf8');
}

/** A record's commit position as a number: exact up to 8 PiB of log. */
export function positionOf(record: RecordedEvent): number {
  const position = Number(record.getCommitPosition());
  if (!Number.isSafeInteger(position)) throw new UnreadableLog(`position ${record.getCommitPosition()} is larger than this version can count`);
  return position;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);
