/** What `topics list` prints: the topics, then the groups that read them. 100 columns are enough. */
import type { GroupState, KafkaAdmin, TopicState } from '#shared/bus/kafka-admin.ts';
import { deadLetterName, TOPIC_NAMES, type TopicNames } from '#shared/bus/kafka-topics.ts';
import { textTable } from '../text-table.ts';

export async function describeTopics(
  admin: KafkaAdmin,
  brokers: readonly string[],
  names: TopicNames,
): Promise<string> {
  const kafkaNames = TOPIC_NAMES.map((topic) => names[topic]);
  const [count, topics, groups] = await Promise.all([
    admin.brokers(),
    admin.topics(kafkaNames.flatMap((name) => [name, deadLetterName(name)])),
    admin.groups(kafkaNames),
  ]);
  const known = new Map(topics.map((topic) => [topic.name, topic]));
  return [
    `Kafka at ${brokers.join(', ')}: ${count} ${count === 1 ? 'broker' : 'brokers'}`,
    '',
    topicTable(kafkaNames, known),
    '',
    groups.length > 0 ? groupTable(groups) : 'No group has read any of them yet',
    ...hints(kafkaNames, known),
  ].join('\n');
}

export function topicTable(
  names: readonly string[],
  known: ReadonlyMap<string, TopicState>,
): string {
  const rows = names.map((name) => {
    const letters = known.get(deadLetterName(name));
    const dead = letters ? markedCount(letters.records) : 'missing';
    const topic = known.get(name);
    if (!topic) return [name, 'missing', '', '', '', dead];
    const { partitions, replication, retention, records } = topic;
    return [
      name,
      String(partitions),
      String(replication),
      describeRetention(retention),
      grouped(records),
      dead,
    ];
  });
  const head = ['topic', 'partitions', 'replication', 'retention', 'records', 'dead letters'];
  return textTable([head, ...rows]);
}

export function groupTable(groups: readonly GroupState[]): string {
  const rows = groups.map(({ group, topic, members, lag, lagMost }) => [
    groupName(group, groups),
    topic,
    members === 0 ? 'none' : String(members),
    grouped(lag),
    grouped(lagMost),
  ]);
  return textTable([['group', 'topic', 'members', 'lag', 'most of a partition'], ...rows]);
}

/** The bus puts the topics behind a group's name, and they have a column of their own. */
function groupName(group: string, groups: readonly GroupState[]): string {
  const topics = groups.filter((one) => one.group === group).map(({ topic }) => topic).sort();
  const end = `.${topics.join('.')}`;
  return group.endsWith(end) ? group.slice(0, -end.length) : group;
}

function hints(names: readonly string[], known: ReadonlyMap<string, TopicState>): string[] {
  const lines: string[] = [];
  if (names.some((name) => !known.has(name) || !known.has(deadLetterName(name)))) {
    lines.push('', 'Make what is missing with npm run topics -- create');
  }
  const dead = names.map(deadLetterName).find((name) => (known.get(name)?.records ?? 0) > 0);
  if (dead) lines.push('', `See why: npm run topics -- tail ${dead} --from start`);
  return lines;
}

function markedCount(records: number): string {
  return records === 0 ? '0' : `! ${grouped(records)}`;
}

const UNITS = [['days', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]] as const;

function describeRetention(retention: TopicState['retention']): string {
  if (typeof retention === 'string') return retention;
  const unit = UNITS.find(([, ms]) => retention >= ms && retention % ms === 0);
  if (!unit) return `${retention} ms`;
  const [name, ms] = unit;
  return retention === ms && name === 'days' ? '1 day' : `${retention / ms} ${name}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
