import { LRUCache } from "lru-cache";

import type { Offer } from "../../../domain/offer.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { TextFile } from "../../../ports/platform-private-replies.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { askedAtMs, isAway, type InteractionTarget } from "../wire/address.ts";
import { bodyOf, filesOf, privateBodyOf } from "../wire/message-body.ts";
import { toButtonRow, type ButtonRow } from "../wire/offer-buttons.ts";
import type { PendingResponses } from "./pending-responses.ts";

/** Another replica may still be giving the first response. */
const responseWaitMs = 5_000;
const retryIntervalMs = 500;
const maxRememberedResponses = 500;
/** Where the bot is no member: https://docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message */
const maxFollowUpsAway = 5;

/** One message that only the asker sees. */
export interface PrivateMessage {
  readonly text: string;
  readonly files: readonly TextFile[];
  /** Missing: no buttons. */
  readonly offer?: Offer;
}

export interface ResponsePorts {
  readonly api: DiscordApi;
  readonly pending: PendingResponses;
  readonly clock: Clock;
}

/** Sends messages in the response to an interaction, for 15 minutes after it. */
export class InteractionResponses {
  readonly #ports: ResponsePorts;
  /** The texts of responses that were already filled; further messages are follow-ups. */
  readonly #filled = new LRUCache<string, string>({ max: maxRememberedResponses });

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
    let sent = 0;
    try {
      for (const each of all) {
        if (isAway(target) && sent > maxFollowUpsAway) break;
        const isFill = sent === 0 && this.#isUnfilled(target, each.text);
        if (isFill) await this.#fillResponse(to, target, each, signal);
        else if (sent === 0)
          await this.#whenResponded(to, () => this.#followUp(target, each, signal), signal);
        else await this.#followUp(target, each, signal);
        sent += 1;
      }
    } catch (error) {
      if (!isTokenExpired(error)) throw error;
    }
    return sent;
  }

  async #fillResponse(
    to: ReplyAddress,
    target: InteractionTarget,
    each: PrivateMessage,
    signal: AbortSignal,
  ): Promise<void> {
    const fill = () =>
      sendWithButtons(each, target, ({ text, components }) =>
        this.#ports.api.interactions.editResponse(
          target,
          { ...bodyOf(text), ...filesOf(each.files), components },
          signal,
        ),
      );
    await this.#whenResponded(to, fill, signal);
    this.#markFilled(target, each.text);
  }

  #followUp(target: InteractionTarget, each: PrivateMessage, signal: AbortSignal): Promise<void> {
    return sendWithButtons(each, target, ({ text, components }) =>
      this.#ports.api.interactions.createFollowUp(
        target,
        { ...privateBodyOf(text), ...filesOf(each.files), components },
        signal,
      ),
    );
  }

  /** Waits for the first response, which another replica may still be giving. @throws {PlatformError} */
  async #whenResponded(to: ReplyAddress, send: () => Promise<void>, signal: AbortSignal): Promise<void> {
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
  #isUnfilled(target: InteractionTarget, text: string): boolean {
    if (target.under === "post") return false;
    const filled = this.#filled.get(target.interaction);
    return filled === undefined || filled === text;
  }

  #markFilled(target: InteractionTarget, text: string): void {
    this.#filled.set(target.interaction, text);
  }
}

/** Sends with buttons; if Discord rejects them, with the text that replaces them. */
async function sendWithButtons(
  message: PrivateMessage,
  target: InteractionTarget,
  send: (form: { readonly text: string; readonly components: readonly ButtonRow[] }) => Promise<void>,
): Promise<void> {
  const components = buttonsFor(message, target);
  try {
    await send({ text: message.text, components });
  } catch (error) {
    const isForm = error instanceof PlatformError && error.kind === "rejected" && components.length > 0;
    if (!isForm) throw error;
    await send({ text: `${message.text} ${message.offer?.orElse ?? ""}`, components: [] });
  }
}

function buttonsFor({ offer }: PrivateMessage, { topic }: InteractionTarget): readonly ButtonRow[] {
  return offer === undefined || topic === undefined ? [] : toButtonRow(offer, topic);
}

function isTokenExpired(error: unknown): boolean {
  return error instanceof PlatformError && (error.kind === "expired" || error.kind === "gone");
}
