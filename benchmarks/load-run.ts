/** One measurement of the load generator: opens its connections, sends, waits, reports. */
import type { Buffer } from 'node:buffer';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../scripts/load/latencies.ts';
import { Connection } from './connection.ts';

export interface LoadOrder {
  port: number;
  connections: number;
  seconds: number;
  /** Requests per second, whether or not the answers keep up; without it as many as are answered. */
  ratePerS?: number;
}

export interface LoadReport {
  /** Answers by status, such as `{ "200": 10, "204": 3 }`. */
  answers: Record<string, number>;
  /** Requests without an answer, by reason. */
  failures: Record<string, number>;
  /** Imps in the requests that were answered with 200 or 204. */
  imps: number;
  /** Answers per second, from the first send to the last answer. */
  perSecond: number;
  /** ms; with a rate from the planned time, otherwise from the sending. */
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  /** The generator's own work. */
  cpuUsPerRequest: number;
}

export interface PreparedRequest {
  /** Head and body as they go over the wire. */
  bytes: Buffer;
  imps: number;
}

/** ms to wait for the last answers: longer than any deadline of the exchange. */
const DRAIN_MS = 5_000;
/** Between two looks at what is due: the finest a timer gives on both runtimes. */
const TICK_MS = 1;

export class LoadRun {
  readonly #order: LoadOrder;
  readonly #requests: readonly PreparedRequest[];
  readonly #byStatus = new Uint32Array(1000);
  readonly #failures: Record<string, number> = {};
  readonly #latencies = new Latencies();
  /** Used in turn: a server may end a connection that says nothing for seconds. */
  readonly #free: Connection[] = [];
  /** Planned times of requests no connection was free for, oldest at `#waitingFrom`. */
  readonly #waiting: number[] = [];
  #waitingFrom = 0;
  #next = 0;
  #underWay = 0;
  #imps = 0;
  #lastAnswerMs = 0;
  #sending = true;

  constructor(order: LoadOrder, requests: readonly PreparedRequest[]) {
    this.#order = order;
    this.#requests = requests;
  }

  async run(): Promise<LoadReport> {
    const connections = await this.#connect();
    const before = process.cpuUsage();
    const startMs = performance.now();
    if (this.#order.ratePerS === undefined) await this.#sendClosed(startMs);
    else await this.#sendAtRate(startMs, this.#order.ratePerS);
    await this.#drain();
    const spent = process.cpuUsage(before);
    for (const connection of connections) connection.close();
    return this.#report(this.#lastAnswerMs - startMs, spent.user + spent.system);
  }

  async #connect(): Promise<Connection[]> {
    const events = {
      onAnswer: (connection: Connection, status: number) => this.#answered(connection, status),
      onLost: (connection: Connection, reason: string) => this.#lost(connection, reason),
    };
    const connections = Array.from(
      { length: this.#order.connections },
      () => new Connection('127.0.0.1', this.#order.port, events),
    );
    await Promise.all(connections.map((connection) => connection.connected()));
    this.#free.push(...connections);
    return connections;
  }

  /** Every connection sends its next request when it has its answer. */
  async #sendClosed(startMs: number): Promise<void> {
    for (const connection of this.#free.splice(0)) this.#send(connection, startMs);
    await sleep(this.#order.seconds * 1000);
    this.#sending = false;
  }

  async #sendAtRate(startMs: number, ratePerS: number): Promise<void> {
    const total = Math.floor(ratePerS * this.#order.seconds);
    for (let n = 0; n < total;) {
      const due = Math.min(
        total,
        1 + Math.floor(((performance.now() - startMs) * ratePerS) / 1000),
      );
      for (; n < due; n++) {
        const plannedMs = startMs + (n * 1000) / ratePerS;
        const connection = this.#free.shift();
        if (connection === undefined) this.#waiting.push(plannedMs);
        else this.#send(connection, plannedMs);
      }
      await sleep(TICK_MS);
    }
  }

  #send(connection: Connection, plannedMs: number): void {
    const request = this.#requests[this.#next++ % this.#requests.length]!;
    this.#underWay++;
    connection.send(request, plannedMs);
  }

  #answered(connection: Connection, status: number): void {
    const now = performance.now();
    this.#lastAnswerMs = now;
    this.#underWay--;
    this.#byStatus[status]!++;
    if (status === 200 || status === 204) {
      this.#imps += connection.imps;
      this.#latencies.record((now - connection.plannedMs) * 1000);
    }
    if (this.#order.ratePerS === undefined) {
      if (this.#sending) this.#send(connection, now);
    } else if (this.#waitingFrom < this.#waiting.length) {
      this.#send(connection, this.#waiting[this.#waitingFrom++]!);
    } else {
      this.#free.push(connection);
    }
  }

  #lost(connection: Connection, reason: string): void {
    this.#count(reason, 1);
    if (connection.busy) this.#underWay--;
    const place = this.#free.indexOf(connection);
    if (place >= 0) this.#free.splice(place, 1);
  }

  async #drain(): Promise<void> {
    const endMs = performance.now() + DRAIN_MS;
    while (this.#left() > 0 && performance.now() < endMs) await sleep(10);
    if (this.#left() > 0) this.#count('no answer in time', this.#left());
  }

  #left(): number {
    return this.#underWay + this.#waiting.length - this.#waitingFrom;
  }

  #count(reason: string, by: number): void {
    this.#failures[reason] = (this.#failures[reason] ?? 0) + by;
  }

  #report(elapsedMs: number, cpuUs: number): LoadReport {
    const answers: Record<string, number> = {};
    let total = 0;
    this.#byStatus.forEach((count, status) => {
      if (count > 0) answers[status] = count;
      total += count;
    });
    return {
      answers,
      failures: this.#failures,
      imps: this.#imps,
      perSecond: (total * 1000) / elapsedMs,
      p50: this.#latencies.percentileMs(0.5),
      p90: this.#latencies.percentileMs(0.9),
      p99: this.#latencies.percentileMs(0.99),
      p999: this.#latencies.percentileMs(0.999),
      max: this.#latencies.maxMs,
      cpuUsPerRequest: cpuUs / total,
    };
  }
}
