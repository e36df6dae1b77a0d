/** What came back of the requests sent, counted by result, with latencies from the planned time. */
import type { Answer } from './http-client.ts';
import { Latencies } from './latencies.ts';

export class Tally {
  sent = 0;
  filled = 0;
  noBid = 0;
  /** 503: the exchange protects itself. */
  shed = 0;
  /** Everything else, by kind: `HTTP 400`, `connection refused`, … */
  readonly errors = new Map<string, number>();
  /** Of answered requests; a shed one is answered fast and would flatter the figure. */
  readonly latencies = new Latencies();

  record(answer: Answer, latencyMs: number): void {
    this.sent++;
    if (answer.kind === 'failure') return this.fail(answer.reason);
    if (answer.status === 503) {
      this.shed++;
      return;
    }
    if (answer.status === 204) this.noBid++;
    else if (answer.status !== 200) return this.fail(`HTTP ${answer.status}`);
    else if (answer.body.includes(HAS_BID)) this.filled++;
    else this.noBid++;
    this.latencies.record(latencyMs * 1000);
  }

  /** Counts a request that failed, or was never sent, for this reason. */
  fail(kind: string): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
  }

  get errorCount(): number {
    return [...this.errors.values()].reduce((sum, count) => sum + count, 0);
  }

  get answered(): number {
    return this.filled + this.noBid;
  }

  /** The closing table. */
  summary(elapsedMs: number): string {
    const { latencies } = this;
    // More than were sent, where some could not be.
    const planned = this.answered + this.shed + this.errorCount;
    const rows: [string, string, string?][] = [
      [
        'sent',
        whole(this.sent),
        `${perSecond((this.sent * 1000) / Math.max(1, elapsedMs))} per second`,
      ],
      ['filled', whole(this.filled), share(this.filled, planned)],
      ['no bid', whole(this.noBid), share(this.noBid, planned)],
      ['shed (503)', whole(this.shed), share(this.shed, planned)],
      ['errors', whole(this.errorCount), share(this.errorCount, planned)],
    ];
    for (const [kind, count] of this.errors) rows.push([`  ${kind}`, whole(count)]);
    if (latencies.count > 0) {
      for (const [name, rank] of [['p50', 0.5], ['p90', 0.9], ['p99', 0.99]] as const) {
        rows.push([name, latencies.percentileMs(rank).toFixed(2), 'ms']);
      }
      rows.push(['max', latencies.maxMs.toFixed(2), 'ms']);
    }
    return rows.map(([name, value, note = '']) =>
      `${name.padEnd(22)}${value.padStart(12)}  ${note}`.trimEnd()
    ).join('\n');
  }
}

/** How an OpenRTB answer with at least one seat begins its list; an empty list is no bid. */
const HAS_BID = '"seatbid":[{';

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `0.5`, `9.7`, `1,200` */
function perSecond(rate: number): string {
  return rate < 10 ? String(Number(rate.toFixed(1))) : whole(rate);
}

function share(part: number, total: number): string {
  return total === 0 ? '' : `${((100 * part) / total).toFixed(1)} %`;
}
