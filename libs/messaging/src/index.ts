export { kafkaOf, kafkaSettings, type KafkaConfig } from './config.js';
export { eventOf, NotOfTheLog, recordOf, type EventRecord, type ReceivedRecord, type RecordPlace } from './record.js';
export { Relay, type RelayOptions } from './relay.js';
export { ensureTopic, PUBLISHERS, TopicDiffers, topicOf, type EventTopic, type Publisher, type TopicLayout } from './topics.js';
