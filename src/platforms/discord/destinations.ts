import type { Target } from "./address.ts";
import { codeOf, codes, isFinal } from "./api-errors.ts";
import type { DiscordApi } from "./api.ts";

/** Where posts go. */
export interface Destination {
  readonly channel: string;
  /** The message that each post answers visibly. Missing where that message is not in the channel. */
  readonly replyTo?: string;
}

const rememberedThreads = 1_000;

/** Finds the place of a reply, and opens its thread when it is to have one. */
export class Destinations {
  readonly #api: DiscordApi;
  /** Only saves calls: opening a thread again leads to the same place. */
  readonly #known = new Map<string, Destination>();

  constructor(api: DiscordApi) {
    this.#api = api;
  }

  /** @throws {PlatformError} */
  async open(target: Target, signal: AbortSignal): Promise<Destination> {
    if (target.how === "interaction") return { channel: target.channel };
    if (target.how !== "thread") return { channel: target.channel, replyTo: target.message };
    const known = this.#known.get(target.message);
    if (known !== undefined) return known;
    const opened = await this.#openThread(target, signal);
    this.#remember(target.message, opened);
    return opened;
  }

  /** Without opening anything: where posts of this target may be, the likeliest first. */
  possible(target: Target): readonly Destination[] {
    if (target.how === "interaction") return [{ channel: target.channel }];
    const inChannel = { channel: target.channel, replyTo: target.message };
    return target.how === "thread" ? [{ channel: target.message }, inChannel] : [inChannel];
  }

  /** Where it is worth showing that we type. Undefined for a command: Discord itself shows that we think. */
  typingChannel(target: Target): string | undefined {
    if (target.how === "interaction") return undefined;
    return this.#known.get(target.how === "thread" ? target.message : "")?.channel ?? target.channel;
  }

  async #openThread(
    target: Extract<Target, { readonly how: "thread" }>,
    signal: AbortSignal,
  ): Promise<Destination> {
    // A thread has the id of the message that it is opened on.
    const thread = { channel: target.message };
    try {
      await this.#api.openThread(target.channel, target.message, target.threadName, signal);
      return thread;
    } catch (error) {
      if (codeOf(error) === codes.threadExists) return thread;
      if (!isFinal(error)) throw error;
      // No permission, too many threads, a kind of channel that has none.
      return { channel: target.channel, replyTo: target.message };
    }
  }

  #remember(message: string, destination: Destination): void {
    this.#known.set(message, destination);
    if (this.#known.size <= rememberedThreads) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
