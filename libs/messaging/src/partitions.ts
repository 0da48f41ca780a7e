import { Partitioners } from 'kafkajs';

/**
 * On which partition a stream's events are: by the hash of the key that Kafka's own clients use.
 *
 * @param partitions - of its topic
 * @returns from 0
 */
export function partitionerOf(partitions: number): (stream: string) => number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] }));
  const partitioner = Partitioners.DefaultPartitioner();
  return (stream) => partitioner({ topic: '', partitionMetadata, message: { key: stream, value: null } });
}
