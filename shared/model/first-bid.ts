/**
 * A first bid to paste into a terminal, of a demo user.
 * @param needsKey of a publisher, as everywhere but on loopback
 */
export function firstBid(origin: string, needsKey = !LOOPBACK.test(origin)): string {
  const key = needsKey ? " -H 'x-api-key: KEY'" : '';
  return `curl -s ${origin}/bid -H 'content-type: application/json'${key} \\
  -d '{"user_id":"user-001","site":{"domain":"example.com"},
       "ad_slots":[{"id":"1","min_bid":0.2,"format":["300x250"]}]}'`;
}
const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/;
