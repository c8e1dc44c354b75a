import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Clock } from "../../ports/clock.ts";
import { PlatformError } from "../../ports/platform.ts";
import { askedAtMs, readTarget, type InteractionTarget, type Target } from "./address.ts";
import type { DiscordApi } from "./api.ts";
import { bodyOf, nonceOf, privateBodyOf } from "./message-body.ts";
import type { OpenAnswers } from "./open-answers.ts";
import { createMessage } from "./posts.ts";

/** The replica that took the interaction may still be opening its answer. */
const openingMs = 5_000;
const betweenLooksMs = 500;
const rememberedAnswers = 500;

export interface TellingPorts {
  readonly api: DiscordApi;
  readonly answers: OpenAnswers;
  readonly clock: Clock;
}

/** Says something to the asker alone: in the interaction's answer, else in a DM. */
export class Telling {
  readonly #ports: TellingPorts;
  /** What the answers of interactions were filled with: whatever is told beyond that follows, and replaces nothing. */
  readonly #filled = new Map<string, string>();

  constructor(ports: TellingPorts) {
    this.#ports = ports;
  }

  async tell(to: ReplyAddress, texts: readonly string[], signal: AbortSignal): Promise<void> {
    const target = readTarget(to);
    if (target.how === "interaction") {
      const told = await this.#tellInAnswer(to, target, texts, signal);
      await this.#tellInDirect(target, { texts, from: told }, signal);
    } else if (target.how === "direct") {
      await this.#say(target, target.channel, { texts, from: 0 }, signal);
    } else {
      await this.#tellWriter(target, texts, signal);
    }
  }

  /** How many of the texts could be told before the token was dead. */
  async #tellInAnswer(
    to: ReplyAddress,
    target: InteractionTarget,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<number> {
    const { api, answers, clock } = this.#ports;
    if (clock.nowMs() >= (to.expiresAtMs ?? 0)) return 0;
    await answers.opened(target.interaction);
    let told = 0;
    try {
      for (const text of texts) {
        await (told === 0 && this.#isFree(target, text)
          ? this.#fillAnswer(to, target, text, signal)
          : api.followUp(target, privateBodyOf(text), signal));
        told += 1;
      }
    } catch (error) {
      if (!isDead(error)) throw error;
    }
    return told;
  }

  async #fillAnswer(
    to: ReplyAddress,
    target: InteractionTarget,
    text: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock } = this.#ports;
    for (;;) {
      try {
        await api.editAnswer(target, { ...bodyOf(text), components: [] }, signal);
        this.#rememberFilled(target, text);
        return;
      } catch (error) {
        if (!isDead(error) || clock.nowMs() - askedAtMs(to) > openingMs) throw error;
        await clock.sleep(betweenLooksMs, signal);
      }
    }
  }

  #isFree(target: InteractionTarget, text: string): boolean {
    const filled = this.#filled.get(target.interaction);
    return filled === undefined || filled === text;
  }

  #rememberFilled(target: InteractionTarget, text: string): void {
    this.#filled.set(target.interaction, text);
    const [oldest] = this.#filled.keys();
    if (this.#filled.size > rememberedAnswers && oldest !== undefined) this.#filled.delete(oldest);
  }

  /** For a command written as a message (`@bot reset`): nothing in a channel is private. */
  async #tellWriter(
    target: Extract<Target, { readonly message: string }>,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#tellInDirect(target, { texts, from: 0 }, signal);
    } catch (error) {
      // Their DMs are closed. Where they asked, everybody may read what we have to say about the place.
      if (!(error instanceof PlatformError) || error.kind !== "forbidden") throw error;
      await this.#say(target, target.channel, { texts, from: 0 }, signal);
    }
  }

  async #tellInDirect(
    target: Target,
    what: { readonly texts: readonly string[]; readonly from: number },
    signal: AbortSignal,
  ): Promise<void> {
    if (what.from >= what.texts.length) return;
    const { id } = await this.#ports.api.openDirect(target.user, signal);
    await this.#say(target, id, what, signal);
  }

  async #say(
    target: Target,
    channel: string,
    { texts, from }: { readonly texts: readonly string[]; readonly from: number },
    signal: AbortSignal,
  ): Promise<void> {
    const cause = target.how === "interaction" ? target.interaction : target.message;
    const isHere = target.how !== "interaction" && channel === target.channel;
    for (const [index, text] of texts.entries()) {
      if (index < from) continue;
      const message = { ...bodyOf(text), nonce: nonceOf("tell", cause, channel, index, text) };
      const reference = isHere ? { replyTo: target.message } : {};
      await createMessage(this.#ports.api, channel, { ...message, ...reference }, signal);
    }
  }
}

function isDead(error: unknown): boolean {
  return error instanceof PlatformError && (error.kind === "expired" || error.kind === "gone");
}
