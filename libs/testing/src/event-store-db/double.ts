import { once } from 'node:events';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Metadata, Server, ServerCredentials, status, type sendUnaryData, type ServerDuplexStream, type ServerReadableStream, type ServerWritableStream } from '@grpc/grpc-js';
import { FaultyProxy } from './faulty-proxy.js';
import { KeptLog, type ProposedEvent } from './kept-log.js';
import { appendResponse, batchResponse, expectedOf, filterOf, identifierOf, nameOf, proposedOf, readResponse, sizeOf, tooLarge } from './messages.js';

/** What a double can be told. */
export interface EventStoreDbDoubleOptions {
  /** Bytes of one append; 1 MiB by default, as the server's (docs: "Max append size", `MaxAppendSize`). */
  readonly maxAppendSize?: number;
  /** False is a server before 21.10, that takes each append on a call of its own. */
  readonly batchAppend?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const LARGEST_MESSAGE = 17 * 1024 * 1024;
// Options of Kestrel and of a default node: docs, "Max append size".
const MAX_APPEND_SIZE = 1_048_576;

/**
 * One EventStoreDB node in this process's memory, as far as Annals uses it: it speaks gRPC, so that the real client runs.
 * Paths in comments are of EventStore/EventStore on GitHub, the server's source.
 */
export class EventStoreDbDouble {
  readonly log: KeptLog;
  readonly #server: Server;
  readonly #maxAppendSize: number;
  #lost = 0;

  private constructor(
    readonly proxy: FaultyProxy,
    parts: { readonly log: KeptLog; readonly server: Server },
    options: EventStoreDbDoubleOptions,
  ) {
    this.log = parts.log;
    this.#server = parts.server;
    this.#maxAppendSize = options.maxAppendSize ?? MAX_APPEND_SIZE;
    const { read, append, batchAppend } = streamsService.StreamsService;
    const offered = { read, append, ...(options.batchAppend !== false && { batchAppend }) };
    parts.server.addService(offered, {
      read: (call: ReadCall) => this.#read(call),
      append: (call: AppendCall, answer: sendUnaryData<AppendResp>) => this.#append(call, answer),
      ...(options.batchAppend !== false && { batchAppend: (call: BatchCall) => this.#batchAppend(call) }),
    });
    parts.server.addService(featuresService.ServerFeaturesService, {
      // src/EventStore.Core/Services/Transport/Grpc/ServerFeatures.cs
      getSupportedMethods: (_: unknown, answer: sendUnaryData<InstanceType<typeof features.SupportedMethods>>) => answer(null, supported(Object.values(offered))),
    });
  }

  static async start(options: EventStoreDbDoubleOptions = {}): Promise<EventStoreDbDouble> {
    const server = new Server({ 'grpc.max_receive_message_length': LARGEST_MESSAGE });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)));
    });
    return new EventStoreDbDouble(await FaultyProxy.start(port), { log: new KeptLog(options.now ?? Date.now), server }, options);
  }

  /** For EVENT_STORE_URL. */
  get url(): string {
    return `esdb://${this.proxy.address}?tls=false`;
  }

  /** The next appends are written, and the connection breaks before they are answered. */
  loseAnswers(count: number): void {
    this.#lost = count;
  }

  /** Ends it; what it held is gone. */
  stop(): void {
    this.proxy.away();
    this.#server.forceShutdown();
  }

  /** True where the answer to what has just been written must not arrive. */
  #losesAnswer(): boolean {
    if (this.#lost === 0) return false;
    this.#lost -= 1;
    this.proxy.cut();
    return true;
  }

  /** src/EventStore.Core/Services/Transport/Grpc/Streams.Append.cs */
  #append(call: AppendCall, answer: sendUnaryData<AppendResp>): void {
    let options: AppendReq.Options | undefined;
    const events: ProposedEvent[] = [];
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message !== undefined) events.push(proposedOf(message));
    });
    call.on('end', () => {
      if (options === undefined) return answer({ code: status.INVALID_ARGUMENT });
      if (bytesOf(events) > this.#maxAppendSize) return answer(refusal('maximum-append-size-exceeded', { 'maximum-append-size': String(this.#maxAppendSize) }));
      const decision = this.log.append(nameOf(options.getStreamIdentifier()), expectedOf(options), events);
      if (!this.#losesAnswer()) answer(null, appendResponse(decision));
    });
    call.on('error', () => undefined);
  }

  /** src/EventStore.Core/Services/Transport/Grpc/Streams.BatchAppend.cs: one call for many appends, told apart by their correlation ids. */
  #batchAppend(call: BatchCall): void {
    const pending = new Map<string, { readonly options: BatchAppendReq.Options; readonly events: ProposedEvent[] }>();
    call.on('data', (request: BatchAppendReq) => {
      const correlation = request.getCorrelationId();
      const id = correlation?.getString() ?? '';
      const options = request.getOptions();
      if (options !== undefined) pending.set(id, { options, events: [] });
      const known = pending.get(id);
      if (known === undefined) return;
      known.events.push(...request.getProposedMessagesList().map(proposedOf));
      const stream = known.options.getStreamIdentifier();
      if (bytesOf(known.events) > this.#maxAppendSize) {
        pending.delete(id);
        call.write(batchResponse(correlation, stream, tooLarge(this.#maxAppendSize)));
      } else if (request.getIsFinal()) {
        pending.delete(id);
        const decision = this.log.append(nameOf(stream), expectedOf(known.options), known.events);
        if (!this.#losesAnswer()) call.write(batchResponse(correlation, stream, decision));
      }
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  }

  /** src/EventStore.Core/Services/Transport/Grpc/Streams.Read.cs: one call for every way of reading. */
  #read(call: ReadCall): void {
    const options = call.request.getOptions() ?? new streams.ReadReq.Options();
    if (options.hasSubscription()) return this.#subscribe(call, options);
    const found = options.hasStream() ? this.#ofStream(options) : this.#ofAll(options);
    if ('code' in found) call.emit('error', found);
    else send(call, found).catch(() => call.end());
  }

  #ofStream(options: ReadReq.Options): ReadResp[] {
    const from = options.getStream();
    const name = nameOf(from?.getStreamIdentifier());
    const kept = this.log.stream(name);
    // Enumerator.ReadStreamForwards.cs: an answer, not an error.
    if (kept.length === 0) return [new streams.ReadResp().setStreamNotFound(new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(name)))];
    const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
    const revision = from?.hasRevision() === true ? Number(from.getRevision()) : isBackwards ? kept.length - 1 : 0;
    const events = isBackwards ? kept.slice(0, revision + 1).reverse() : kept.slice(revision);
    return events.slice(0, Number(options.getCount())).map(readResponse);
  }

  /**
   * AllReader.cs: forwards from a position with the event there, backwards without it. A position where no record begins is
   * refused; one beyond the end has nothing after it. ReadAllForwardsFiltered of 20.6 to 22.10 refuses a window that is not
   * larger than the count.
   */
  #ofAll(options: ReadReq.Options): ReadResp[] | { readonly code: number; readonly details: string } {
    const count = Number(options.getCount());
    const filter = options.getFilter();
    if (filter?.hasMax() === true && filter.getMax() <= count) return { code: status.UNKNOWN, details: 'Exception was thrown by handler.' };
    const position = options.getAll()?.getPosition();
    const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
    const at = position === undefined ? undefined : Number(position.getCommitPosition());
    const found = this.log.read({ at, isBackwards, count, wanted: filterOf(options) });
    return found?.map(readResponse) ?? { code: status.INVALID_ARGUMENT, details: 'Trying to read from an invalid position.' };
  }

  /** Enumerator.AllSubscriptionFiltered.cs, from the end: a confirmation, then what comes. */
  #subscribe(call: ReadCall, options: ReadReq.Options): void {
    const wanted = filterOf(options);
    call.write(new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId('double')));
    const end = this.log.listen((event) => wanted(event) && call.write(readResponse(event)));
    call.on('cancelled', () => {
      end();
      call.end();
    });
    call.on('error', () => undefined);
  }
}

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;
type AppendCall = ServerReadableStream<AppendReq, AppendResp>;
type BatchCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

const bytesOf = (events: readonly ProposedEvent[]): number => events.reduce((sum, event) => sum + sizeOf(event), 0);

async function send(call: ReadCall, responses: readonly ReadResp[]): Promise<void> {
  const ending = new AbortController();
  call.once('cancelled', () => ending.abort());
  for (const response of responses) {
    if (call.cancelled) return;
    if (!call.write(response)) await once(call, 'drain', { signal: ending.signal });
  }
  call.end();
}

/** An error of a call as src/EventStore.Core/Services/Transport/Grpc/RpcExceptions.cs makes it. */
function refusal(exception: string, more: Readonly<Record<string, string>>): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries({ exception, ...more })) metadata.set(name, value);
  return { code: status.INVALID_ARGUMENT, details: exception, metadata };
}

function supported(methods: readonly { readonly path: string }[]): InstanceType<typeof features.SupportedMethods> {
  const list = methods.map(({ path }) => {
    const [, service = '', method = ''] = path.toLowerCase().split('/');
    return new features.SupportedMethod().setServiceName(service).setMethodName(method);
  });
  return new features.SupportedMethods().setEventStoreServerVersion('24.10.0').setMethodsList(list);
}
