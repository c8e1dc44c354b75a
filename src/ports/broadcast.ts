/**
 * Sends a message to every replica of the bot, this one included, in the order of sending. Delivery is at most once: a
 * disconnected replica misses it. Don't use it for anything that must not be lost.
 */
export interface Broadcast {
  /** `message`: plain data that survives JSON. Never throws; an outage is logged. */
  readonly send: (channel: string, message: unknown) => void;
  /** Listens until disposed. A message may come from another version of the program: check its shape. */
  readonly listen: (channel: string, onMessage: (message: unknown) => void) => Disposable;
  /** Calls `onGap` after an outage of this replica or a sender: messages may have been lost. Missing: none is ever lost. */
  readonly onGap?: (onGap: () => void) => void;
}
