/** The table's order, forwards or backwards. */
import { type Conditions, time } from './conditions.ts';
import type { Keyset } from './cursor.ts';
import type { Order } from './sorting.ts';

export function tableOrder(order: Order): string {
  return `ORDER BY time ${order}, auction_id ${order}, imp_id ${order}`;
}

/** Behind the row in that order. */
export function addBehind(where: Conditions, order: Order, after: Keyset): void {
  const sign = order === 'desc' ? '<' : '>';
  // The first half says nothing new, but it lets whole parts and granules be passed over.
  where.add(`time ${sign}= ${time('after_time')}`, { after_time: after.timeMs });
  where.add(
    `(time, auction_id, imp_id) ${sign} (${
      time('after_time')
    }, {after_id:String}, {after_imp:String})`,
    { after_id: after.auctionId, after_imp: after.impId },
  );
}
