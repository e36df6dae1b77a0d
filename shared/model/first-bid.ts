/** Curl lines to paste into a terminal. */

/** Whether the door at this address wants a publisher's key: everywhere but on loopback. */
export function needsKey(origin: string): boolean {
  return !/^https?:\/\/(localhost|127\.|\[::1\])/.test(origin);
}

/** The begin of a bid by curl; with a key to fill in where one is needed. */
export function curlBid(url: string, withKey: boolean): string {
  const key = withKey ? " -H 'x-api-key: KEY'" : '';
  return `curl -s ${url} -H 'content-type: application/json'${key} \\\n`;
}

/** A first bid, of a demo user. */
export function firstBid(origin: string, withKey = needsKey(origin)): string {
  return `${curlBid(`${origin}/bid`, withKey)}\
  -d '{"user_id":"user-001","site":{"domain":"example.com"},
       "ad_slots":[{"id":"1","min_bid":0.2,"format":["300x250"]}]}'`;
}
