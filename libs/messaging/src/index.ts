export { kafkaOf, kafkaSettings, type KafkaConfig } from './config.js';
export { ConsumerFailed, type Consumer, type Delivery, type PartitionOffset } from './consumer.js';
export { type DeadLetters, type Notice } from './dead-letters.js';
export { EventTopics, eventTopicsOf, TopicsMissing, type TopicEnds, type TopicPartition } from './event-topics.js';
export { Receiver, type PartitionPlace, type Received, type RefusedRecord } from './receive.js';
export { eventOf, NotOfTheLog, recordOf, type EventRecord, type ReceivedRecord, type RecordPlace } from './record.js';
export { Relay, type RelayOptions } from './relay.js';
export { ensureTopic, PUBLISHERS, TopicDiffers, topicOf, type EventTopic, type Publisher, type TopicLayout } from './topics.js';
