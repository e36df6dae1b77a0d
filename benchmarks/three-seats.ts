/** Three of the demo's four seats, which are in two groups. */

/** The group that all three can be in, so that one message answers. */
export const ONE_GROUP = 'house';

/**
 * @param url of an exchange with the demo's data that takes anybody for an admin
 * @param group of the third seat, which has another than the first two without it
 */
export async function threeSeats(url: string, group = 'partners'): Promise<void> {
  await put(url, 'larkspur', { name: 'Larkspur Media', group, active: true });
  await put(url, 'tidewater', { name: 'Tidewater Buying', group, active: false });
}

async function put(url: string, id: string, value: object): Promise<void> {
  const answer = await fetch(`${url}/admin/bidder/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  if (!answer.ok) throw new Error(`Cannot configure the seat ${id}: ${await answer.text()}`);
  await answer.body?.cancel();
}
