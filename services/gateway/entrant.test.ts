import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BidRequest } from '#shared/model/openrtb.ts';
import { textOf } from '#shared/model/request-text.ts';
import type { Service } from '#shared/service.ts';
import {
  DEMO_PUBLISHER,
  gatewayOn,
  openEngines,
  outcomeOf,
  type TestEngines,
} from './test-gateway.ts';

const PERSON = {
  user: { id: 'user-001', buyeruid: 'b-1' },
  device: { ua: 'Mozilla/5.0', ip: '192.0.2.77', ifa: 'AAAA-1111' },
};
const OPENRTB = { id: 'r-1', imp: [{ id: '1', banner: { w: 300, h: 250 } }], site: { id: 's' } };
const SIMPLE = { user_id: 'user-001', site: { domain: 'example.com' }, device: PERSON.device };

let engines: TestEngines;
let gateway: Service;
let seen: BidRequest | undefined;
const failures: unknown[] = [];

beforeEach(async () => {
  engines = await openEngines((error) => failures.push(error));
  await engines.catalog.publish([DEMO_PUBLISHER]);
  await engines.bus.read({ as: 'group', group: 'test', from: 'end' }, {
    bid_requests(batch) {
      for (const { partition, value } of batch) {
        seen = value.request;
        void engines.bus.publish('auction_outcomes', [{ partition, value: outcomeOf(value) }]);
      }
    },
  });
  gateway = gatewayOn(engines);
  await gateway.start();
});
afterEach(async () => {
  await gateway.close();
  await engines.close();
  expect(failures.splice(0)).toEqual([]);
});

async function post(path: string, body: unknown): Promise<BidRequest> {
  seen = undefined;
  const headers = { host: 'localhost', 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const { status } = await gateway.fetch(new Request(`http://localhost${path}`, init));
  expect(status).toBe(204);
  return seen!;
}

test('a request goes on as it came, its text beside it', async () => {
  const body = { ...OPENRTB, ...PERSON };
  const request = await post('/openrtb2/auction', body);
  expect(request).toMatchObject(PERSON);
  expect(textOf(request)).toBe(JSON.stringify(body));
});

test.each<[string, string, object]>([
  ['for children', '/openrtb2/auction', { ...OPENRTB, ...PERSON, regs: { coppa: 1 } }],
  ['under the GDPR without consent', '/openrtb2/auction', {
    ...OPENRTB,
    ...PERSON,
    regs: { gdpr: 1 },
  }],
  ['of the simple form', '/bid', { ...SIMPLE, regs: { us_privacy: '1YYN' } }],
])('nobody behind the door learns whose a request %s is', async (_, path, body) => {
  const request = await post(path, body);
  expect(request.user).toEqual({});
  expect(request.device).toEqual({ ua: 'Mozilla/5.0', ip: '192.0.2.0' });
  expect(textOf(request)).toBeUndefined();
});
