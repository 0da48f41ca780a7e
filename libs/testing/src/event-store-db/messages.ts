import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { expectedVersion, type Decision, type KeptEvent, type ProposedEvent } from './kept-log.js';

// Ticks of 100 ns since the epoch: src/EventStore.Core/Services/Transport/Grpc/DateTimeExtensions.cs.
const TICKS_PER_MS = 10_000n;

/** An event as a read answers it: Streams.Read.cs, `ConvertToRecordedEvent`. Its commit position is its record's own. */
export function readResponse(event: KeptEvent): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(identifierOf(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.transaction))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded.getMetadataMap().set('type', event.type).set('content-type', event.contentType).set('created', String(BigInt(event.createdMs) * TICKS_PER_MS));
  return new streams.ReadResp().setEvent(new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(event.position)));
}

/** A stream's name as bytes. */
export function identifierOf(stream: string): StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(new Uint8Array(Buffer.from(stream)));
}

/** A stream's name as text. */
export const nameOf = (identifier: StreamIdentifier | undefined): string => Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

/** An event that a client proposes. */
export function proposedOf(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent {
  const metadata = message.getMetadataMap();
  return {
    id: message.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** What counts towards the limit of an append: src/EventStore.Core/Data/Event.cs, `SizeOnDisk`. */
export const sizeOf = ({ type, data, metadata }: ProposedEvent): number => 2 * type.length + data.length + metadata.length;

/** The expected version of an append, as the server's number. */
export function expectedOf(options: AppendReq.Options | BatchAppendReq.Options): number {
  if (options.hasAny()) return expectedVersion.any;
  if (options.hasNoStream()) return expectedVersion.noStream;
  if (options.hasStreamExists()) return expectedVersion.streamExists;
  return Number('getRevision' in options ? options.getRevision() : options.getStreamPosition());
}

/** The answer to an append by itself: Streams.Append.cs. */
export function appendResponse(decision: Decision): AppendResp {
  const response = new streams.AppendResp();
  if ('last' in decision) {
    const { revision, position } = decision.last;
    const at = new streams.AppendResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position));
    return response.setSuccess(new streams.AppendResp.Success().setCurrentRevision(String(revision)).setPosition(at));
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (decision.current < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(decision.current));
  return response.setWrongExpectedVersion(wrong);
}

/** The answer to one append of many on one call: Streams.BatchAppend.cs. */
export function batchResponse(correlation: UUID | undefined, stream: StreamIdentifier | undefined, decision: Decision | Status): BatchAppendResp {
  const response = new streams.BatchAppendResp().setCorrelationId(correlation).setStreamIdentifier(stream);
  if (decision instanceof status.Status) return response.setError(decision);
  if ('current' in decision) return response.setError(wrongVersion(decision.current));
  const { revision, position } = decision.last;
  const at = new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position));
  return response.setSuccess(new streams.BatchAppendResp.Success().setCurrentRevision(String(revision)).setPosition(at));
}

/** src/EventStore.Core/Services/Transport/Grpc/Status.cs, `MaximumAppendSizeExceeded`. */
export function tooLarge(limit: number): Status {
  return errorOf(new shared.MaximumAppendSizeExceeded().setMaxappendsize(limit).serializeBinary(), 'MaximumAppendSizeExceeded');
}

function wrongVersion(current: number): Status {
  const details = new shared.WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new empty.Empty());
  else details.setCurrentStreamRevision(String(current));
  return errorOf(details.serializeBinary(), 'WrongExpectedVersion');
}

function errorOf(bytes: Uint8Array, type: string): Status {
  const details = new any.Any();
  details.pack(bytes, `event_store.client.${type}`);
  return new status.Status().setMessage(type).setDetails(details);
}

/** Which events of `$all` a filter lets through: src/EventStore.Core/Util/EventFilter.cs. */
export function filterOf(options: ReadReq.Options): (event: KeptEvent) => boolean {
  const filter = options.getFilter();
  if (filter === undefined) return () => true;
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  const of = ({ stream, type }: KeptEvent): string => (filter.hasStreamIdentifier() ? stream : type);
  const regex = expression?.getRegex() ?? '';
  if (regex !== '') return (event) => new RegExp(regex).test(of(event));
  const prefixes = expression?.getPrefixList() ?? [];
  return (event) => prefixes.some((prefix) => of(event).startsWith(prefix));
}
