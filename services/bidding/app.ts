/**
 * The bidding stage: hosts bidding groups, each a reader of its own of `bid_requests`, and follows
 * the configuration they bid by.
 */
import type { Bus, Reader } from '#shared/bus/bus.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { biddingGroups, type Catalog } from '#shared/model/catalog.ts';
import { UnderWay } from '#shared/model/under-way.ts';
import { within } from '#shared/model/within.ts';
import { problem } from '#shared/problem.ts';
import type { Clock, Service } from '#shared/service.ts';
import type { Span, Tracer } from '#shared/trace.ts';
import { BiddingGroup, type ResponseRecord } from './bidding-group.ts';
import { type BiddingTally, createBiddingTally } from './bidding-tally.ts';
import { type CampaignIndex, indexCampaigns } from './campaign-index.ts';
import type { ProfileLookup } from './profile-lookup.ts';
import { type SharedLookup, shareLookups } from './share-lookups.ts';

/** Configuration is to take effect within a second; campaigns are followed with each batch besides. */
const FOLLOW_INTERVAL_MS = 250;
/** Longer than any look-up: what is not answered then is past its deadline or stuck. */
const CLOSE_WAIT_MS = 1_000;

export interface BiddingDependencies {
  bus: Bus;
  catalog: { readonly current: Catalog };
  lookup: ProfileLookup;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Host this group only; unset: every group that is configured, also those that come later. */
  group?: string | undefined;
  /** Where traces are exported. */
  tracer?: Tracer | undefined;
}

export function createBidding(dependencies: BiddingDependencies): Service {
  return new Bidding(dependencies);
}

interface HostedGroup {
  readonly reader: Reader;
  /** First offset not taken yet, by partition. */
  readonly next: Map<number, number>;
}

class Bidding implements Service {
  readonly name = 'bidding';
  readonly #dependencies: BiddingDependencies;
  readonly #lookup: SharedLookup;
  readonly #tally: BiddingTally;
  readonly #hosted = new Map<string, HostedGroup>();
  readonly #underWay = new UnderWay();
  #index: CampaignIndex;
  #followed = -1;
  #following: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(dependencies: BiddingDependencies) {
    this.#dependencies = dependencies;
    this.#lookup = shareLookups(dependencies.lookup);
    this.#tally = createBiddingTally(dependencies);
    this.#index = indexCampaigns(dependencies.catalog.current);
  }

  /** Nothing of this stage is for the outside. */
  fetch(): Response {
    return problem(404, 'Not found');
  }

  async start(): Promise<void> {
    await this.#follow();
    this.#timer = setInterval(() => this.#tick(), FOLLOW_INTERVAL_MS);
  }

  async ready(): Promise<void> {
    const { bus, catalog, group } = this.#dependencies;
    await bus.check();
    if (catalog.current.version === 0) throw new Error('Cannot bid: no configuration is loaded');
    if (this.#hosted.size > 0) return;
    const wanted = group === undefined ? 'any group' : `the group ${group}`;
    throw new Error(`Cannot bid: no active bidder of ${wanted} is configured`);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#following;
    this.#commit();
    await Promise.all([...this.#hosted.values()].map(({ reader }) => reader.close()));
    this.#hosted.clear();
    await within(this.#underWay.ended(), CLOSE_WAIT_MS);
  }

  #tick(): void {
    this.#commit();
    // One after the other: a slow start of a reader must not begin it twice.
    this.#following = this.#following.then(() => this.#follow()).catch((error) => {
      this.#dependencies.log.error('bidding_groups_not_followed', { error });
    });
  }

  /** Hosts the groups that have come, lets go of those that have gone. */
  async #follow(): Promise<void> {
    const { catalog, group: only, log } = this.#dependencies;
    const { version } = catalog.current;
    if (version === this.#followed) return;
    const wanted = new Set(
      biddingGroups(catalog.current).filter((group) => only === undefined || group === only),
    );
    for (const group of wanted) {
      if (this.#hosted.has(group)) continue;
      this.#hosted.set(group, await this.#host(group));
      log.info('bidding_group_hosted', { group });
    }
    for (const [group, { reader }] of this.#hosted) {
      if (wanted.has(group)) continue;
      this.#hosted.delete(group);
      await reader.close();
      log.info('bidding_group_left', { group });
    }
    this.#followed = version;
  }

  async #host(group: string): Promise<HostedGroup> {
    const { bus, clock, tracer } = this.#dependencies;
    const bidders = new BiddingGroup({
      group,
      index: () => this.#freshIndex(),
      lookup: this.#lookup,
      clock,
      ticks: () => performance.now(),
      publish: (answers, sends) => this.#publish(answers, sends),
      tally: this.#tally.of(group),
      tracer,
    });
    const next = new Map<number, number>();
    // Requests older than the start are past their deadline: there is nothing to catch up with.
    const options = { as: 'group', group: `bidding-${group}`, from: 'end' } as const;
    const reader = await bus.read(options, {
      bid_requests: (batch) => {
        for (const { partition, offset } of batch) next.set(partition, offset + 1);
        const rest = bidders.take(batch);
        if (rest !== undefined) this.#keep(rest);
      },
    });
    return { reader, next };
  }

  #freshIndex(): CampaignIndex {
    const { current } = this.#dependencies.catalog;
    if (current.version !== this.#index.version) this.#index = indexCampaigns(current);
    return this.#index;
  }

  #publish(answers: ResponseRecord[], sends: readonly Span[] | undefined): void {
    const published = this.#dependencies.bus.publish('bid_responses', answers);
    if (sends) { for (const span of sends) span.until(published); }
    this.#keep(published.catch((error) => this.#tally.unpublished(error, answers.length)));
  }

  /** Remembers work for {@link close}; look-ups have a deadline, so it is little. */
  #keep(work: Promise<void>): void {
    this.#underWay.keep(work.catch((error) => this.#tally.failed(error)));
  }

  /** Taken is done: read again after a crash, a request would be past its deadline. */
  #commit(): void {
    for (const { reader, next } of this.#hosted.values()) {
      for (const [partition, offset] of next) reader.commit('bid_requests', partition, offset);
      next.clear();
    }
  }
}
