/** One life of the feed: what all frames of an epoch are about. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '#shared/service.ts';
import { AuctionTopics, type AuctionTopicsSetup } from './auction-topics.ts';
import { Channel } from './channel.ts';
import { LiveFeed } from './live-feed.ts';

/** Frames kept for viewers that come back: a minute of totals, some seconds of auctions. */
const KEPT = { totals: 60, auctions: 30 };

export interface Epoch {
  id: string;
  feed: LiveFeed;
  totals: Channel;
  auctions: Channel;
  topics: AuctionTopics;
}

export function beginEpoch(clock: Clock, known: AuctionTopicsSetup['known']): Epoch {
  const id = randomUUID();
  const feed = new LiveFeed(clock.now());
  const snapshotOf = {
    totals: () => feed.totals(clock.now()),
    auctions: () => feed.auctions(),
  };
  const channel = (topic: 'totals' | 'auctions'): Channel =>
    new Channel({ topic, epoch: id, keep: KEPT[topic], snapshot: snapshotOf[topic] });
  return {
    id,
    feed,
    totals: channel('totals'),
    auctions: channel('auctions'),
    topics: new AuctionTopics({ epoch: id, now: () => clock.now(), known }),
  };
}
