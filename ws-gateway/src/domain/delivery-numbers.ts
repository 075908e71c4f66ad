/** What the number of a delivery says about those before it. */
export type Arrival = 'next' | 'repeated' | 'gap';

/** The last delivery taken from each sender, by the sender's boot id. */
export type DeliveryNumbers = Map<string, number>;

/**
 * Takes note of a delivery. Numbers of a sender go 1, 2, 3 …: a jump means that
 * something was lost, a number seen before that it was sent again.
 */
export function noteDelivery(numbers: DeliveryNumbers, senderBootId: string, number: number): Arrival {
  const last = numbers.get(senderBootId) ?? 0;
  if (number <= last) return 'repeated';
  numbers.set(senderBootId, number);
  return number === last + 1 ? 'next' : 'gap';
}
