import { LRUCache } from "lru-cache";

import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { codeOf, codes } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { askedAtMs, isAway, type InteractionTarget } from "../wire/address.ts";
import type { PendingResponses } from "./pending-responses.ts";
import {
  cardFormOf,
  grouped,
  plainFormsOf,
  type PrivateMessage,
  type ResponseForm,
} from "./response-forms.ts";

/** Another replica may still be giving the first response. */
const responseWaitMs = 5_000;
const retryIntervalMs = 500;
const maxRememberedResponses = 500;
/** Where the bot is no member: https://docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message */
const maxFollowUpsAway = 5;
/** After Discord refused a card, and took the same in plain content. */
const plainForMs = 60 * 60_000;

export interface ResponsePorts {
  readonly api: DiscordApi;
  readonly pending: PendingResponses;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is sent for one interaction. */
interface Sending {
  readonly to: ReplyAddress;
  readonly target: InteractionTarget;
  readonly signal: AbortSignal;
  /** The messages of Discord that were made of it. */
  count: number;
  /** How many of the given messages these show. */
  shown: number;
}

/** Sends messages in the response to an interaction, for 15 minutes after it. */
export class InteractionResponses {
  readonly #ports: ResponsePorts;
  /** The texts of responses that were already filled; further messages are follow-ups. */
  readonly #filled = new LRUCache<string, string>({ max: maxRememberedResponses });
  #plainUntilMs = 0;

  constructor(ports: ResponsePorts) {
    this.#ports = ports;
  }

  /** The number of messages that Discord took: an interaction has a time, and some have a number. */
  async send(
    to: ReplyAddress,
    target: InteractionTarget,
    all: readonly PrivateMessage[],
    signal: AbortSignal,
  ): Promise<number> {
    const { pending, clock } = this.#ports;
    if (clock.nowMs() >= (to.expiresAtMs ?? 0)) return 0;
    await pending.settled(target.interaction);
    const sending = { to, target, signal, count: 0, shown: 0 };
    try {
      for (const group of grouped(all, target)) {
        if (isFull(sending)) break;
        const outcome = await this.#sendCard(sending, group);
        if (outcome === "taken") sending.shown += group.length;
        else await this.#sendEach(sending, group);
        if (outcome instanceof PlatformError) this.#useNoCards(outcome);
      }
    } catch (error) {
      if (!isTokenExpired(error)) throw error;
    }
    return sending.shown;
  }

  /** `unused`: a card helps nothing here, or Discord takes none now. An error: it refused this one. */
  async #sendCard(
    sending: Sending,
    group: readonly PrivateMessage[],
  ): Promise<"taken" | "unused" | PlatformError> {
    const { target } = sending;
    const key = keyOf(group);
    const isInCard = target.form === "card" && this.#isFill(sending, key);
    const form = cardFormOf(group, target, isInCard);
    const isTried = form !== undefined && this.#ports.clock.nowMs() >= this.#plainUntilMs;
    const outcome = isTried ? await orRefusal(this.#write(sending, key, form)) : "unused";
    if (outcome !== "taken" && isInCard) await this.#removeCard(sending);
    return outcome;
  }

  /** In plain content, as far as there is room. */
  async #sendEach(sending: Sending, group: readonly PrivateMessage[]): Promise<void> {
    for (const each of group) {
      if (isFull(sending)) break;
      await this.#sendPlain(sending, each);
      sending.shown += 1;
    }
  }

  /** Only once it has taken the same in plain content: else the text was at fault. */
  #useNoCards(refusal: PlatformError): void {
    this.#plainUntilMs = this.#ports.clock.nowMs() + plainForMs;
    this.#ports.log.warn(
      { err: refusal },
      "Discord refused a private answer in Components V2; sent in plain text",
    );
  }

  /** A card takes no plain content. What follows it does. */
  async #removeCard({ target, signal }: Sending): Promise<void> {
    this.#filled.set(target.interaction, "");
    await this.#ports.api.interactions.deleteResponse(target, signal).catch((error: unknown) => {
      if (!(error instanceof PlatformError)) throw error;
    });
  }

  async #sendPlain(sending: Sending, message: PrivateMessage): Promise<void> {
    const key = keyOf([message]);
    const [form, without] = plainFormsOf(message, sending.target);
    try {
      await this.#write(sending, key, form);
    } catch (error) {
      const isForm = error instanceof PlatformError && error.kind === "rejected";
      if (!isForm || without === undefined) throw error;
      await this.#write(sending, key, without);
    }
  }

  /** Fills the response if that is still to be done, else follows up on it. */
  async #write(sending: Sending, key: string, { edit, create }: ResponseForm): Promise<void> {
    const { target, signal } = sending;
    const { interactions } = this.#ports.api;
    const isFill = this.#isFill(sending, key);
    const write = () =>
      isFill
        ? interactions.editResponse(target, edit, signal)
        : interactions.createFollowUp(target, create, signal);
    await (sending.count === 0 ? this.#whenResponded(sending, write) : write());
    if (isFill) this.#filled.set(target.interaction, key);
    sending.count += 1;
  }

  /** Waits for the first response, which another replica may still be giving. @throws {PlatformError} */
  async #whenResponded({ to, signal }: Sending, send: () => Promise<void>): Promise<void> {
    const { clock } = this.#ports;
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (!isTokenExpired(error) || clock.nowMs() - askedAtMs(to) > responseWaitMs) throw error;
        await clock.sleep(retryIntervalMs, signal);
      }
    }
  }

  /** The response to a press under a public post is that post, which stays as it is. */
  #isFill({ target, count }: Sending, key: string): boolean {
    if (target.under === "post" || count > 0) return false;
    const filled = this.#filled.get(target.interaction);
    return filled === undefined || filled === key;
  }
}

function isFull({ target, count }: Sending): boolean {
  return isAway(target) && count > maxFollowUpsAway;
}

/** The same for each try of a message. */
function keyOf([first]: readonly PrivateMessage[]): string {
  return first?.text ?? "";
}

/** Discord would refuse such a body each time; another one it may take. Rejects with every other error. */
async function orRefusal(writing: Promise<void>): Promise<"taken" | PlatformError> {
  try {
    await writing;
    return "taken";
  } catch (error) {
    const isRefusal = codeOf(error) === codes.invalidForm || codeOf(error) === codes.emptyMessage;
    if (!isRefusal || !(error instanceof PlatformError)) throw error;
    return error;
  }
}

function isTokenExpired(error: unknown): boolean {
  return error instanceof PlatformError && (error.kind === "expired" || error.kind === "gone");
}
