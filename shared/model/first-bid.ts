/** A first bid to paste into a terminal: of a demo user, without a key. */
export function firstBid(origin: string): string {
  return `curl -s ${origin}/bid -H 'content-type: application/json' \\
  -d '{"user_id":"user-001","site":{"domain":"example.com"},
       "ad_slots":[{"id":"1","min_bid":0.2,"format":["300x250"]}]}'`;
}
