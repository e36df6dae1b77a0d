/** What waits for its way to Kafka, in order, within bounds. */
import type { Message, Producer } from 'kafkajs';
import { Pace } from '../model/pace.ts';
import { BusError } from './bus.ts';

/** Kafka's own `message.max.bytes` is 1 MiB for the records of one partition. */
const BATCH_BYTES_MAX = 900_000;
/** Records of one request: more would only make it late. */
const BATCH_RECORDS_MAX = 1_000;
/** Bytes that may wait while Kafka does not answer; above, publishing fails at once. */
const WAITING_BYTES_MAX = 64_000_000;

export interface Waiting {
  message: Message & { partition: number };
  bytes: number;
  /** Epoch ms after which nobody wants it; Infinity for what is always wanted. */
  until: number;
  call: Call;
}

/** One publish(): resolved when its last record is there. */
export interface Call {
  open: number;
  resolve(): void;
  reject(error: BusError): void;
}

export interface Lane {
  name: string;
  acks: number;
  producer: Producer;
  waiting: Waiting[];
  bytes: number;
  /** Planned for the end of this turn, or under way. */
  busy: boolean;
  pace: Pace;
}

export function makeLane(name: string, acks: number, producer: Producer, paceMs: number): Lane {
  return { name, acks, producer, waiting: [], bytes: 0, busy: false, pace: new Pace(paceMs) };
}

/** Why nothing more may wait in the lane. */
export function refusal({ name, bytes, waiting }: Lane): BusError | undefined {
  if (bytes <= WAITING_BYTES_MAX) return undefined;
  const text = `Cannot publish to ${name}: Kafka has not answered for ${waiting.length} records`;
  return new BusError('unavailable', text);
}

export function addTo(lane: Lane, one: Waiting): void {
  lane.waiting.push(one);
  lane.bytes += one.bytes;
}

/** Takes what goes with the next request; what nobody wants any more is refused instead. */
export function takeBatch(lane: Lane, now: number): Waiting[] {
  const batch: Waiting[] = [];
  let bytes = 0;
  let taken = 0;
  for (const one of lane.waiting) {
    if (batch.length >= BATCH_RECORDS_MAX) break;
    if (batch.length > 0 && bytes + one.bytes > BATCH_BYTES_MAX) break;
    taken++;
    lane.bytes -= one.bytes;
    if (one.until < now) {
      const text = `Cannot publish to ${lane.name}: the deadline passed before Kafka took it`;
      one.call.reject(new BusError('unavailable', text));
      continue;
    }
    bytes += one.bytes;
    batch.push(one);
  }
  lane.waiting = lane.waiting.slice(taken);
  return batch;
}
