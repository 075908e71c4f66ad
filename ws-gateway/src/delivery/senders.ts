import { type DeliveryNumbers, noteDelivery } from '../domain/delivery-numbers.ts';

/** How long a sender whose stream broke may take to go on where it was, in milliseconds. */
const CONTINUE_MS = 2_000;

/** Watches that no delivery of any sender is missed. */
export interface Senders {
  /** Notes a delivery; false when it was taken before. */
  take(senderBootId: string, number: number): boolean;
  /** A stream on which these senders spoke has ended. */
  ended(senderBootIds: ReadonlySet<string>): void;
  close(): void;
}

/** `onLoss` is called when deliveries were or may have been lost. */
export function createSenders(onLoss: () => void): Senders {
  const numbers: DeliveryNumbers = new Map();
  const broken = new Map<string, NodeJS.Timeout>();

  function forgive(senderBootId: string): void {
    clearTimeout(broken.get(senderBootId));
    broken.delete(senderBootId);
  }

  return {
    take(senderBootId, number) {
      const arrival = noteDelivery(numbers, senderBootId, number);
      if (arrival === 'repeated') return false;
      // A number that follows shows that nothing was lost with the stream before.
      forgive(senderBootId);
      if (arrival === 'gap') onLoss();
      return true;
    },
    ended(senderBootIds) {
      for (const senderBootId of senderBootIds) {
        forgive(senderBootId);
        const timer = setTimeout(() => {
          broken.delete(senderBootId);
          onLoss();
        }, CONTINUE_MS);
        timer.unref();
        broken.set(senderBootId, timer);
      }
    },
    close() {
      for (const timer of broken.values()) clearTimeout(timer);
    },
  };
}
