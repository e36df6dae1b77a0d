/** What the stages of a control need of a client, and what two clients have in common. */
import type { Buffer } from 'node:buffer';
import type { ControlOrder } from './control.ts';

export interface ControlMessage {
  partition: number;
  key: Buffer | null;
  value: Buffer;
}

export interface ControlClient {
  /**
   * Resolves when it has its partitions.
   * @param group undefined: all partitions, for this process alone
   */
  read(
    topic: string,
    group: string | undefined,
    each: (message: Omit<ControlMessage, 'value'>) => void,
  ): Promise<void>;
  publisher(
    topic: keyof ControlOrder['topics'],
    acks: number,
  ): Promise<(message: ControlMessage) => void>;
}

const RECORDS_MAX = 1_000;

/** One request under way; what comes meanwhile goes with the next. */
export function gathered(
  send: (messages: ControlMessage[]) => Promise<unknown>,
  wait: () => Promise<void> | undefined = () => undefined,
): (message: ControlMessage) => void {
  const waiting: ControlMessage[] = [];
  let busy = false;
  const sendAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      await wait();
      await send(waiting.splice(0, RECORDS_MAX));
    }
    busy = false;
  };
  return (message) => {
    waiting.push(message);
    if (busy) return;
    busy = true;
    setImmediate(() => void sendAll());
  };
}
