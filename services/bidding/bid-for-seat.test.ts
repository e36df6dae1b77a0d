import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '#shared/model/catalog.ts';
import type { SeatAnswer } from '#shared/model/events.ts';
import type { BidRequest, Imp } from '#shared/model/openrtb.ts';
import type { Profile } from '#shared/model/profile.ts';
import { bidForSeat } from './bid-for-seat.ts';
import { indexCampaigns } from './campaign-index.ts';
import { surroundingsOf } from './targeting.ts';
import {
  bidder,
  campaign,
  campaignWithBanner,
  creative,
  imp,
  NOW_MS,
  profile,
  request,
  sampleCatalog,
} from './test-samples.ts';

const AUCTION = '01k2m3n4p00qrstvwxyz012';

function bid(changes: ConfigChange[], of: Partial<BidRequest> = {}, user?: Profile): SeatAnswer {
  const { groups, match } = indexCampaigns(sampleCatalog(bidder('atlas'), ...changes));
  const asked = request(of);
  match.load(user, NOW_MS);
  return bidForSeat(AUCTION, asked, surroundingsOf(asked), match, groups.get('house')![0]!);
}
const TITLE = '{"link":{"url":"https://a.example"},"assets":[{"title":{"text":"Lamps"}}]}';
const FOR_A_TITLE = '{"assets":[{"id":9,"required":1,"title":{"len":90}}]}';
const campaignsOf = (answer: SeatAnswer) => answer.bids.map(({ cid }) => cid);
const reasonsOf = (answer: SeatAnswer) => answer.noBids.map(({ reason }) => reason);

describe('bidForSeat()', () => {
  it('makes a complete offer', () => {
    const part = { baseCpmMicros: 2_000_000, cat: ['IAB17'] };
    const answer = bid(campaignWithBanner('trails', 'atlas', part));
    expect(answer).toEqual({
      seat: 'atlas',
      noBids: [],
      bids: [{
        id: `${AUCTION}.0.atlas`,
        impid: '1',
        priceMicros: 700_000,
        currency: 'USD',
        mtype: 1,
        adm: '<b>trails-banner</b>',
        adomain: ['trails.example'],
        crid: 'trails-banner',
        cid: 'trails',
        cat: ['IAB17'],
        attr: [],
        w: 300,
        h: 250,
      }],
    });
  });

  it('bids for the dearest campaign, which depends on the user', () => {
    const changes = [
      ...campaignWithBanner('cars', 'atlas', {
        baseCpmMicros: 3_000_000,
        targeting: { interests: ['automotive'] },
      }),
      ...campaignWithBanner('pets', 'atlas', {
        baseCpmMicros: 2_000_000,
        targeting: { interests: ['pets'] },
      }),
    ];
    expect(campaignsOf(bid(changes))).toEqual(['cars']);
    const owner = profile({ interests: [{ category: 'pets', score: 0.8 }] });
    const answer = bid(changes, {}, owner);
    // 2.00 × 0.85 against 3.00 × 0.35
    expect(answer.bids).toMatchObject([{ cid: 'pets', priceMicros: 1_700_000 }]);
  });

  it('takes the lower campaign id of equal prices, whatever the order they came in', () => {
    const a = campaignWithBanner('a', 'atlas');
    const b = campaignWithBanner('b', 'atlas');
    expect(campaignsOf(bid([...a, ...b]))).toEqual(['a']);
    expect(campaignsOf(bid([...b, ...a]))).toEqual(['a']);
    // Also where the first format knows only the higher id.
    const formats = { format: [{ w: 728, h: 90 }, { w: 300, h: 250 }] };
    const wide = creative('b-wide', 'b', { w: 728, h: 90 });
    expect(campaignsOf(bid([...a, ...b, wide], { imp: [imp({ banner: formats })] }))).toEqual([
      'a',
    ]);
  });

  it('takes the size the publisher names first', () => {
    const changes = [
      ...campaignWithBanner('a', 'atlas'),
      creative('a-wide', 'a', { w: 728, h: 90 }),
    ];
    const sizes = [{ w: 970, h: 250 }, { w: 728, h: 90 }, { w: 300, h: 250 }];
    const answer = bid(changes, { imp: [imp({ banner: { format: sizes } })] });
    expect(answer.bids).toMatchObject([{ crid: 'a-wide', w: 728, h: 90 }]);
  });

  it('reads the size of a banner without formats', () => {
    const answer = bid(campaignWithBanner('a', 'atlas'), {
      imp: [imp({ banner: { w: 300, h: 250 } })],
    });
    expect(answer.bids).toHaveLength(1);
  });

  it('takes the size of the banner itself, too, after those of its formats', () => {
    const wide = creative('a-wide', 'a', { w: 728, h: 90 });
    const banner = { w: 300, h: 250, format: [{ w: 728, h: 90 }] };
    const sizes = (...changes: ConfigChange[]) =>
      bid(changes, { imp: [imp({ banner })] }).bids.map(({ w, h }) => `${w}x${h}`);
    expect(sizes(...campaignWithBanner('a', 'atlas'))).toEqual(['300x250']);
    expect(sizes(...campaignWithBanner('a', 'atlas'), wide)).toEqual(['728x90']);
  });

  it('leaves markup for http alone where the imp is secure', () => {
    const changes = [
      campaign('dear', 'atlas', { baseCpmMicros: 9_000_000 }),
      creative('dear-banner', 'dear', { adm: '<img src="http://cdn.example/a.png">' }),
      ...campaignWithBanner('fair', 'atlas'),
    ];
    expect(campaignsOf(bid(changes))).toEqual(['dear']);
    expect(campaignsOf(bid(changes, { imp: [imp({ secure: 1 })] }))).toEqual(['fair']);
    const alone = bid(changes.slice(0, 2), { imp: [imp({ secure: 1 })] });
    expect(reasonsOf(alone)).toEqual(['no_creative']);
  });

  it('goes by the assets it serves where the imp is secure', () => {
    const link = { url: 'http://dear.example/' };
    const title = { title: { text: 'Dear' } };
    const picture = { img: { url: 'https://cdn.example/a.png', w: 300, h: 157 } };
    const changes = [
      campaign('dear', 'atlas', { baseCpmMicros: 9_000_000 }),
      creative('dear-native', 'dear', {
        type: 'native',
        adm: JSON.stringify({ link, assets: [title, picture] }),
      }),
      campaign('fair', 'atlas'),
      creative('fair-native', 'fair', { type: 'native', adm: TITLE }),
    ];
    const asking = (...assets: object[]) => {
      const native = { request: JSON.stringify({ assets }) };
      return campaignsOf(bid(changes, { imp: [{ id: '1', native, secure: 1 }] }));
    };
    const [aTitle, anImage] = [{ id: 1, title: { len: 90 } }, { id: 2, img: { wmin: 100 } }];
    expect(asking(aTitle, anImage)).toEqual(['dear']);
    expect(asking(aTitle)).toEqual(['fair']);
  });

  it('is not fooled by a size that shares the key of another', () => {
    const banner = { format: [{ w: 299, h: 65_536 + 250 }] };
    expect(reasonsOf(bid(campaignWithBanner('a', 'atlas'), { imp: [imp({ banner })] })))
      .toEqual(['no_creative']);
  });

  it.each<['video' | 'audio' | 'native', number, Partial<Imp>]>([
    ['video', 2, { video: { mimes: ['video/mp4'], maxduration: 30 } }],
    ['audio', 3, { audio: { mimes: ['audio/mp4'] } }],
    ['native', 4, { native: { request: FOR_A_TITLE } }],
  ])('offers %s as mtype %d', (type, mtype, media) => {
    const part = { type, w: 0, h: 0, ...(type === 'native' ? { adm: TITLE } : { dur: 15 }) };
    const changes = [campaign('a', 'atlas'), creative('a-1', 'a', part), creative('a-2', 'a')];
    const answer = bid(changes, { imp: [{ id: '1', ...media }] });
    expect(answer.bids).toMatchObject([{ crid: 'a-1', mtype }]);
    expect(answer.bids[0]!.dur).toBe(type === 'native' ? undefined : 15);
  });

  it('serves the assets that a native imp asks for, and has no creative without a required one', () => {
    const changes = [
      campaign('a', 'atlas'),
      creative('a-html', 'a', { type: 'native', w: 0, h: 0 }),
      creative('a-native', 'a', { type: 'native', w: 0, h: 0, adm: TITLE }),
    ];
    const asking = (request: string) => bid(changes, { imp: [{ id: '1', native: { request } }] });
    const [offer] = asking(FOR_A_TITLE).bids;
    expect(offer).toMatchObject({ crid: 'a-native' });
    expect(JSON.parse(offer!.adm).assets).toEqual([{ id: 9, title: { text: 'Lamps' } }]);
    for (const request of ['{"assets":[{"id":1,"required":1,"img":{"type":3}}]}', '{}']) {
      expect(reasonsOf(asking(request))).toEqual(['no_creative']);
    }
  });

  it('meets the floor of the length of each video', () => {
    const video = (id: string, baseCpmMicros: number, dur?: number) => [
      campaign(id, 'atlas', { baseCpmMicros }),
      creative(`${id}-video`, id, { type: 'video', w: 0, h: 0, dur }),
    ];
    const changes = [
      ...video('long', 9_000_000, 60),
      ...video('short', 6_000_000, 15),
      ...video('unknown', 9_000_000),
    ];
    const player = (
      floors: object,
    ) => [imp({ banner: undefined, video: { mimes: [], ...floors } })];
    expect(campaignsOf(bid(changes, { imp: player({}) }))).toEqual(['long']);
    // 60 s at 0.1 are 6.00, more than 9.00 × 0.35; 15 s are 1.50.
    expect(campaignsOf(bid(changes, { imp: player({ mincpmpersec: 0.1 }) }))).toEqual(['short']);
    const dear = bid(changes, { imp: player({ durfloors: [{ mindur: 1, bidfloor: 20 }] }) });
    expect(reasonsOf(dear)).toEqual(['below_floor']);
  });

  it('answers each imp by itself, with an id of its own', () => {
    const answer = bid(campaignWithBanner('a', 'atlas'), {
      imp: [
        imp({ id: 'x', bidfloor: 9 }),
        imp({ id: 'y' }),
        imp({ id: 'z', banner: { w: 1, h: 1 } }),
        imp({ id: 'y2', bidfloor: 0.35 }),
      ],
    });
    expect(answer.bids.map(({ impid, id }) => [impid, id])).toEqual([
      ['y', `${AUCTION}.1.atlas`],
      ['y2', `${AUCTION}.3.atlas`],
    ]);
    expect(answer.noBids).toEqual([
      { impid: 'x', reason: 'below_floor' },
      { impid: 'z', reason: 'no_creative' },
    ]);
  });

  it.each<[string, ConfigChange[], Partial<BidRequest>, string | undefined]>([
    ['the seat has no campaign', [], {}, 'no_campaign'],
    ['no creative fits', [campaign('a', 'atlas')], {}, 'no_creative'],
    [
      'no fitting campaign targets the place',
      campaignWithBanner('a', 'atlas', { targeting: { countries: ['DEU'] } }),
      {},
      'not_targeted',
    ],
    [
      'the floor is above the price',
      campaignWithBanner('a', 'atlas'),
      { imp: [imp({ bidfloor: 0.351 })] },
      'below_floor',
    ],
    [
      'the floor is the price',
      campaignWithBanner('a', 'atlas'),
      { imp: [imp({ bidfloor: 0.35 })] },
      undefined,
    ],
    [
      'the price is nothing',
      campaignWithBanner('a', 'atlas', { baseCpmMicros: 100 }),
      {},
      'below_floor',
    ],
    [
      'the floor is in another currency',
      campaignWithBanner('a', 'atlas'),
      { imp: [imp({ bidfloor: 0.1, bidfloorcur: 'EUR' })] },
      'currency',
    ],
    ['other currencies are wanted', campaignWithBanner('a', 'atlas'), { cur: ['EUR'] }, 'currency'],
    ['ours is one of them', campaignWithBanner('a', 'atlas'), { cur: ['EUR', 'USD'] }, undefined],
    [
      'other seats are wanted',
      campaignWithBanner('a', 'atlas'),
      { wseat: ['meridian'] },
      'seat_not_allowed',
    ],
    ['the seat is wanted', campaignWithBanner('a', 'atlas'), { wseat: ['atlas'] }, undefined],
    [
      'the seat is blocked',
      campaignWithBanner('a', 'atlas'),
      { bseat: ['atlas'] },
      'seat_not_allowed',
    ],
    ['no seat is named', campaignWithBanner('a', 'atlas'), { wseat: [], bseat: [] }, undefined],
  ])('when %s', (_, changes, of, reason) => {
    const answer = bid(changes, of);
    expect(reasonsOf(answer)).toEqual(reason === undefined ? [] : [reason]);
    expect(answer.bids).toHaveLength(reason === undefined ? 1 : 0);
  });

  it('answers the same when it is asked again', () => {
    const changes = [...campaignWithBanner('a', 'atlas'), ...campaignWithBanner('b', 'atlas')];
    expect(bid(changes)).toEqual(bid(changes));
  });
});
