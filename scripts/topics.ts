/** `npm run topics`: what is on Kafka, makes the topics, follows one. */
import process from 'node:process';
import { openKafkaAdmin } from '#shared/bus/kafka-admin.ts';
import { parseConfig, topicNamesOf } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import { PARTITIONS_MAX } from '#shared/model/auction-id.ts';
import { parseFlags, text, toggle, whole } from './flags.ts';
import { describeTopics } from './topics/list.ts';
import { runTail } from './topics/tail.ts';

/** Of a new installation: enough for a dozen members of each group, few enough for two cores. */
const PARTITIONS = 12;
/** Copies of each record, where there are as many brokers. */
const REPLICATION_MAX = 3;

const { values: flags, rest: [action = 'list', ...more] } = parseFlags({
  partitions: whole('create: of each auction topic', 1, PARTITIONS_MAX, PARTITIONS),
  replication: whole('create: copies of each record; 3 or the number of brokers', 1, 99),
  from: text('tail: where it begins', 'end', ['start', 'end']),
  partition: whole('tail: of this one only', 0, PARTITIONS_MAX - 1),
  count: whole('tail: ends after so many records', 1, 1e9),
  json: toggle('tail: whole records, one JSON object a line'),
}, {
  command: 'npm run topics --',
  about: `Shows the topics of KAFKA_BROKERS and who reads them (list), makes those that are missing
(create), or follows one (tail), such as auction_outcomes or auction_outcomes.dlq.`,
  arguments: { name: 'list | create | tail TOPIC', help: 'default list', most: 2 },
});

// `| head` and the like: the reader has enough, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await main();
} catch (error) {
  console.error(describeError(error));
  // kafkajs goes on looking for a broker that is away, for minutes.
  process.exit(1);
}

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const brokers = config.KAFKA_BROKERS;
  if (brokers.length === 0) {
    throw new Error(
      'KAFKA_BROKERS is not set: without it topics are in process, and there is none to show',
    );
  }
  const names = topicNamesOf(config);
  if (action === 'tail') return await runTail({ ...flags, brokers, names, topic: more[0] });
  if (more.length > 0) throw new Error(`${more[0]}: topics ${action} takes no argument`);
  if (action !== 'list' && action !== 'create') {
    throw new Error(`${action}: allowed is list, create, tail TOPIC`);
  }
  const admin = await openKafkaAdmin(brokers);
  try {
    if (action === 'list') return console.log(await describeTopics(admin, brokers, names));
    const known = await admin.brokers();
    const replication = flags.replication ?? Math.min(REPLICATION_MAX, known);
    if (replication > known) {
      throw new Error(`--replication=${replication}: allowed is 1 to ${known}, the brokers`);
    }
    const topics = await admin.create(names, { partitions: flags.partitions, replication });
    for (const { name, made } of topics) console.log(`${made ? 'made    ' : 'is there'} ${name}`);
  } finally {
    await admin.close();
  }
}
