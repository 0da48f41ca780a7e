// `npm run kafka`: a Kafka on this machine, by itself, in the foreground.
import { build, checkNode, giveUp, install, root } from './bootstrap.mjs';
import { join } from 'node:path';

checkNode();
await install();
await build(['@annals/local']);
const { kafkaLacks, startKafka } = await import('./local/dist/index.js');
const lacks = kafkaLacks();
if (lacks !== undefined) giveUp(`A Kafka on this machine needs ${lacks}.`, 5);
const broker = await startKafka({ dataDir: join(root, '.annals/kafka') }).catch((error) => giveUp(error.message));
process.stdout.write(`Kafka is ready: KAFKA_BROKERS=${broker.brokers}\nIt keeps what it is given in .annals/kafka. Ctrl-C ends it.\n`);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => broker.stop());
broker.died.then((sentence) => giveUp(sentence));
