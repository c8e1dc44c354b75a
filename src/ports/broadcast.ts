/**
 * Tells every replica of the bot, this one included, in the order of sending. At most once: whoever is away at that
 * moment misses it, so nothing that must not be lost goes this way.
 */
export interface Broadcast {
  /** `news` is plain data: what JSON gives back is what it was. Never throws; an outage is logged. */
  readonly send: (channel: string, news: unknown) => void;
  /** Until it is disposed. What arrives may come from another version of the program: check its shape. */
  readonly listen: (channel: string, hear: (news: unknown) => void) => Disposable;
}
