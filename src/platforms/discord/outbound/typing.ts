import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import { readTarget, type Target } from "../wire/address.ts";
import { isRefusal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import type { Destinations } from "./destinations.ts";

const beatMs = 1_000;
/** Discord shows the indicator for ten seconds: https://discord.com/developers/docs/resources/channel#trigger-typing-indicator */
const beatsBetween = 8;
/** Ten minutes: no question takes longer to its first words, and an end that was missed must not type on. */
const maxBeats = 600;
/** Typing indicators leave this many of a second's calls to replies. */
const reservedCalls = 15;

interface Shown {
  /** See `topicIn`. */
  readonly topic: string;
  readonly target: Target;
  /** Ends with the turn, or when typing stops. */
  readonly signal: AbortSignal;
  readonly ended: AbortController;
  beats: number;
}

export interface TypingPorts {
  readonly api: Pick<DiscordApi, "callsLeft" | "showTyping">;
  readonly destinations: Pick<Destinations, "typingChannel">;
  readonly clock: Clock;
}

/** Keeps the typing indicator of conversations alive until the first words of the answer. One timer serves all. */
export class Typing {
  readonly #ports: TypingPorts;
  /** By topic. */
  readonly #shown = new Map<string, Shown>();
  readonly #closing = new AbortController();
  #isBeating = false;

  constructor(ports: TypingPorts) {
    this.#ports = ports;
  }

  /** Shows the indicator now, and on until `stop`. Never rejects. */
  async show(to: ReplyAddress, signal: AbortSignal): Promise<void> {
    const target = readTarget(to);
    // Discord shows an indicator of its own for interactions.
    if (target.how === "interaction" || signal.aborted) return;
    const topic = topicIn(to);
    this.#end(topic);
    const ended = new AbortController();
    const shown = { topic, target, ended, signal: AbortSignal.any([signal, ended.signal]), beats: 0 };
    this.#shown.set(topic, shown);
    if (!this.#isBeating) void this.#beatOn();
    await this.#type(shown);
  }

  /** Stops where the answer appears, or where nothing is worked on any more. */
  stop(to: ReplyAddress): void {
    this.#end(topicIn(to));
  }

  close(): void {
    this.#closing.abort();
    for (const topic of this.#shown.keys()) this.#end(topic);
  }

  #end(topic: string): void {
    this.#shown.get(topic)?.ended.abort();
    this.#shown.delete(topic);
  }

  async #beatOn(): Promise<void> {
    this.#isBeating = true;
    while (this.#shown.size > 0 && !this.#closing.signal.aborted) {
      await this.#ports.clock.sleep(beatMs, this.#closing.signal).catch(() => undefined);
      for (const [topic, shown] of this.#shown) {
        shown.beats += 1;
        if (shown.signal.aborted || shown.beats >= maxBeats) this.#end(topic);
        else if (shown.beats % beatsBetween === 0) void this.#type(shown);
      }
    }
    this.#isBeating = false;
  }

  /** Left out where replies need the calls: the next one follows soon. */
  async #type({ topic, target, signal }: Shown): Promise<void> {
    const { api, destinations } = this.#ports;
    const channel = destinations.typingChannel(target);
    if (channel === undefined || api.callsLeft <= reservedCalls) return;
    try {
      await api.showTyping(channel, signal);
    } catch (error) {
      if (isRefusal(error)) this.#end(topic);
    }
  }
}

/** The conversation's topic, also of an address that is not read: a post is edited by its id alone. */
function topicIn({ target: { topic, how, message, channel } }: ReplyAddress): string {
  return topic ?? (how === "thread" ? message : channel) ?? "";
}
