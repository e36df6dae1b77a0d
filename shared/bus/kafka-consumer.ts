/** A kafkajs consumer as the readers of the bus want it. */
import type { Batch, Consumer, Kafka } from 'kafkajs';
import { Pace } from '../model/pace.ts';
import type { ReadOptions } from './bus.ts';
import { fixedAssigner, rangeAssigner } from './kafka-assigner.ts';
import { RETRY } from './kafka-client.ts';
import { FETCH_PACE_MS } from './kafka-paces.ts';

/**
 * ms a fetch waits at the broker when there is nothing; what comes ends it at once. Reading that was
 * paused goes on after this time at the latest, so where auctions wait it is short.
 */
const FETCH_WAIT_MS = { slice: 100, group: 100, all: 500 };
/** Bytes that end the wait of a patient reader: some hundred outcomes, with details some dozen auctions. */
const PATIENT_BYTES = 256 * 1024;
/** So that some may be lost. */
const HEARTBEATS_PER_SESSION = 6;
/** ms in which all members must come back when shares change. */
const REBALANCE_MS = 10_000;

/**
 * Of kafkajs, each with one partition at a time: a batch that waits for the next fetch of its broker has
 * one to itself, the others take what was fetched.
 */
const WORKERS = 32;

export interface ConsumerSetup {
  kafka: Kafka;
  options: ReadOptions;
  /** Of the topics read. */
  partitions: readonly number[];
  /** ms without a heartbeat after which a member counts as gone. */
  sessionMs: number;
}

/** @param mayRestart asked when it has crashed and let go of everything, before kafkajs begins it again */
export function createConsumer(
  groupId: string,
  setup: ConsumerSetup,
  mayRestart: () => boolean = () => true,
): Consumer {
  const { kafka, options, partitions, sessionMs } = setup;
  const assigner = options.as === 'group'
    ? rangeAssigner(partitions)
    : fixedAssigner(options.as === 'slice' ? options.partitions : partitions);
  return kafka.consumer({
    groupId,
    sessionTimeout: sessionMs,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatInterval: Math.floor(sessionMs / HEARTBEATS_PER_SESSION),
    maxWaitTimeInMs: options.patienceMs ?? FETCH_WAIT_MS[options.as],
    minBytes: options.patienceMs ? PATIENT_BYTES : 1,
    allowAutoTopicCreation: false,
    readUncommitted: true,
    partitionAssigners: [assigner],
    retry: { ...RETRY, retries: 8, restartOnFailure: () => Promise.resolve(mayRestart()) },
  });
}

/**
 * Reads from now on. Fetches from a broker keep {@link FETCH_PACE_MS} apart under load; what one of them
 * brings is handed over at once, whatever the number of partitions.
 */
export function runPaced(consumer: Consumer, take: (batch: Batch) => void): Promise<void> {
  const paced = paceFetches(consumer);
  return consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: WORKERS,
    eachBatch: ({ batch }) => {
      take(batch);
      return paced();
    },
  });
}

/**
 * To be awaited with each batch: kafkajs fetches again from a broker when all batches of its last
 * fetch, one for each partition, are done with; the first of them waits.
 */
function paceFetches(consumer: Consumer): () => Promise<void> {
  const paces = new Map<number, Pace>();
  let waiting = DONE;
  consumer.on(consumer.events.FETCH, ({ payload: { nodeId } }) => {
    const pace = paces.get(nodeId) ?? new Pace(FETCH_PACE_MS);
    paces.set(nodeId, pace);
    waiting = pace.step();
  });
  return () => {
    const first = waiting;
    waiting = DONE;
    return first;
  };
}

const DONE = Promise.resolve();
