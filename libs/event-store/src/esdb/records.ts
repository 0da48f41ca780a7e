import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Attempt } from './connection.js';
import { NoAnswer } from './trouble.js';

/**
 * The records that a read answers, one by one; whoever stops early ends the read. None where the stream is not there.
 *
 * The request goes through the client's channel, so that it finds the leader and reconnects, but not through its `readStream`
 * and `readAll`: those read metadata as JSON and forget its bytes, know no filter, and wait without a limit.
 *
 * @throws NoAnswer where the next record does not come in time, however many came before
 */
export async function* recordsOf({ client, answerMs }: Attempt, request: ReadReq): AsyncGenerator<ReadResp.ReadEvent.RecordedEvent> {
  const begin = client['GRPCStreamCreator'](streamsService.StreamsClient, 'read', (grpc) =>
    grpc.read(request, ...client['callArguments']({ requiresLeader: true }, { deadline: Infinity })),
  );
  const call = await begin();
  // An error reaches the loop below; once that has ended, what the cancelled call says concerns nobody.
  call.on('error', () => undefined);
  const patience = setTimeout(() => call.destroy(new NoAnswer(answerMs)), answerMs);
  try {
    for await (const response of call) {
      patience.refresh();
      const record = (response as ReadResp).getEvent()?.getEvent();
      if (record !== undefined) yield record;
    }
  } finally {
    clearTimeout(patience);
    call.cancel();
  }
}
