/** `topics tail`: follows one topic on the terminal until Ctrl-C, or until it has shown enough. */
import { deadLetterName, TOPIC_NAMES, type TopicNames } from '#shared/bus/kafka-topics.ts';
import { tailKafka } from '#shared/bus/kafka-tail.ts';
import type { TopicName } from '#shared/model/events.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { recordLine } from './record-line.ts';

export interface TailFlags {
  brokers: readonly string[];
  names: TopicNames;
  /** As it was typed. */
  topic: string | undefined;
  from: string;
  partition: number | undefined;
  count: number | undefined;
  json: boolean;
}

/** @throws an Error with one line when there is no such topic, or no broker answers. */
export async function runTail(flags: TailFlags): Promise<void> {
  const { brokers, names, from, partition, count = Infinity, json } = flags;
  const { name, topic } = chooseTopic(flags.topic, names);
  const stop = new AbortController();
  onInterrupt(['SIGINT', 'SIGTERM'], () => stop.abort());
  let shown = 0;
  await tailKafka({
    brokers,
    topic: name,
    from: from === 'start' ? 'start' : 'end',
    partition,
    signal: stop.signal,
    onStart(partitions) {
      const what = partitions === 1 ? '1 partition' : `${partitions} partitions`;
      console.error(`Following ${name}, ${what}, from its ${from}; Ctrl-C ends.`);
    },
    onRecord(record) {
      if (shown >= count) return;
      console.log(json ? JSON.stringify(parsed(record)) : recordLine(topic, record));
      if (++shown === count) stop.abort();
    },
  });
}

/** By its own name or the one it has on Kafka; `topic` is undefined for dead letters. */
export function chooseTopic(
  typed: string | undefined,
  names: TopicNames,
): { name: string; topic: TopicName | undefined } {
  for (const topic of TOPIC_NAMES) {
    const name = names[topic];
    if (typed === topic || typed === name) return { name, topic };
    const letters = deadLetterName(name);
    if (typed === deadLetterName(topic) || typed === letters) {
      return { name: letters, topic: undefined };
    }
  }
  const allowed = `${TOPIC_NAMES.join(', ')}, each also with .dlq behind it`;
  throw new Error(
    `${typed === undefined ? 'topics tail needs a topic' : typed}: allowed is ${allowed}`,
  );
}

/** The value as what it holds, where it holds JSON. */
function parsed<R extends { value: string | undefined }>(record: R) {
  try {
    return { ...record, value: JSON.parse(record.value ?? 'null') as unknown };
  } catch {
    return record;
  }
}
