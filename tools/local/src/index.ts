export { makeDemonstration, type Making } from './demonstration.js';
export { LocalError, exitCodes } from './errors.js';
export { kafkaLacks } from './kafka-jars.js';
export { startKafka, type KafkaBroker, type KafkaOptions } from './kafka.js';
export { freePort } from './ports.js';
export { destroyPostgres, startPostgres, type Postgres, type PostgresOptions } from './postgres.js';
export { prepareDatabases, type DatabaseUrls } from './databases.js';
export { builtServices, type ServiceDefinition } from './services.js';
export { startSystem, type System, type SystemOptions } from './system.js';
