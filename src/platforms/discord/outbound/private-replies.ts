import { LRUCache } from "lru-cache";

import type { Offer } from "../../../domain/offer.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { TextFile, Unanswered } from "../../../ports/platform-private-replies.ts";
import { askedAtMs, readTarget, type InteractionTarget, type Target } from "../wire/address.ts";
import { isRefusal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { bodyOf, filesOf, nonceOf, privateBodyOf } from "../wire/message-body.ts";
import { toButtonRow, type ButtonRow } from "../wire/offer-buttons.ts";
import type { PendingResponses } from "./pending-responses.ts";
import { createMessage } from "./posts.ts";

/** Another replica may still be giving the first response. */
const responseWaitMs = 5_000;
const retryIntervalMs = 500;
const maxRememberedResponses = 500;
/** For all files together. Discord accepts 10 MiB per file. */
const maxBytes = 8 * 1024 * 1024;
const maxFiles = 10;
const unansweredMark = "🙊";

const dmsClosedText =
  "My answer is only for you, but I can't DM you. Allow direct messages from this server, or use the slash command: only you see its answer.";

const filesInDmText = "I can't attach files here, so I've sent them to your DMs.";

/** One message that only the asker sees. */
interface PrivateMessage {
  readonly text: string;
  readonly files: readonly TextFile[];
  /** Missing: no buttons. */
  readonly offer?: Offer;
}

/** Several messages; those before `from` are already sent. */
interface MessageList {
  readonly all: readonly PrivateMessage[];
  readonly from: number;
}

export interface PrivateRepliesPorts {
  readonly api: DiscordApi;
  readonly pending: PendingResponses;
  readonly clock: Clock;
}

/** Sends messages to the asker alone: as an interaction's response, else in a DM. */
export class PrivateReplies {
  readonly #ports: PrivateRepliesPorts;
  /** The texts of responses that were already filled; further messages are follow-ups. */
  readonly #filled = new LRUCache<string, string>({ max: maxRememberedResponses });

  constructor(ports: PrivateRepliesPorts) {
    this.#ports = ports;
  }

  /**
   * A command written as a message (`@bot reset`) is answered in a DM: nothing in a channel is private. Where DMs are closed,
   * a line says so in its place. @throws {PlatformError}, after that line too if there was an offer.
   */
  async send(to: ReplyAddress, texts: readonly string[], signal: AbortSignal, offer?: Offer): Promise<void> {
    const target = readTarget(to);
    const all = texts.map((text, index) => ({
      text: index === 0 ? withPickedName(target, text) : text,
      files: [],
      ...(offer === undefined || index < texts.length - 1 ? {} : { offer }),
    }));
    try {
      await this.#sendPrivately(to, target, all, signal);
    } catch (error) {
      // A question that its person has not seen must not take the next "ok" as its answer.
      if (!(await this.#explainClosedDms(target, error, signal)) || offer !== undefined) throw error;
    }
  }

  /** In a DM, else as a reaction to the message. @throws {PlatformError} */
  async sendUnanswered(to: ReplyAddress, { text, message }: Unanswered, signal: AbortSignal): Promise<void> {
    const target = readTarget(to);
    try {
      await this.#sendPrivately(to, target, [{ text, files: [] }], signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#ports.api.addReaction(target.channel, message, unansweredMark, signal);
    }
  }

  /** @throws {PlatformError} also after the asker was told that it failed. */
  async sendFiles(to: ReplyAddress, given: PrivateMessage, signal: AbortSignal): Promise<void> {
    const bytes = given.files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    if (bytes > maxBytes || given.files.length > maxFiles) {
      throw new PlatformError("rejected", "Discord accepts at most 10 files of 8 MiB together");
    }
    const target = readTarget(to);
    const all = [{ ...given, text: withPickedName(target, given.text) }];
    try {
      await this.#sendPrivately(to, target, all, signal);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      if (target.how !== "interaction") {
        await this.#explainClosedDms(target, error, signal);
        throw error;
      }
      // The bot may not attach files there; in a DM it always may.
      await this.#sendDm(target, { all, from: 0 }, signal);
      await this.send(to, [filesInDmText], signal);
    }
  }

  /**
   * Posts in the channel that DMs are closed, without the content: others there may not be allowed to read it. False:
   * the error has another cause.
   */
  async #explainClosedDms(target: Target, error: unknown, signal: AbortSignal): Promise<boolean> {
    const isMessage = target.how === "reply" || target.how === "thread";
    if (!isMessage || !isForbidden(error)) return false;
    await this.#postAll(
      target,
      target.channel,
      { all: [{ text: dmsClosedText, files: [] }], from: 0 },
      signal,
    );
    return true;
  }

  async #sendPrivately(
    to: ReplyAddress,
    target: Target,
    all: readonly PrivateMessage[],
    signal: AbortSignal,
  ): Promise<void> {
    if (target.how === "direct") {
      await this.#postAll(target, target.channel, { all, from: 0 }, signal);
      return;
    }
    const from = target.how === "interaction" ? await this.#sendInResponse(to, target, all, signal) : 0;
    if (from < all.length) await this.#sendDm(target, { all, from }, signal);
  }

  async #sendDm(target: Target, what: MessageList, signal: AbortSignal): Promise<void> {
    const { id } = await this.#ports.api.openDm(target.user, signal);
    await this.#postAll(target, id, what, signal);
  }

  /** The number of messages sent before the token expired. */
  async #sendInResponse(
    to: ReplyAddress,
    target: InteractionTarget,
    all: readonly PrivateMessage[],
    signal: AbortSignal,
  ): Promise<number> {
    const { api, pending, clock } = this.#ports;
    if (clock.nowMs() >= (to.expiresAtMs ?? 0)) return 0;
    await pending.settled(target.interaction);
    let sent = 0;
    try {
      for (const each of all) {
        await (sent === 0 && this.#isUnfilled(target, each.text)
          ? this.#fillResponse(to, target, each, signal)
          : sendWithButtons(each, target, ({ text, components }) =>
              api.createFollowUp(
                target,
                { ...privateBodyOf(text), ...filesOf(each.files), components },
                signal,
              ),
            ));
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
    const { api, clock } = this.#ports;
    for (;;) {
      try {
        await sendWithButtons(each, target, ({ text, components }) =>
          api.editOriginalResponse(target, { ...bodyOf(text), ...filesOf(each.files), components }, signal),
        );
        this.#markFilled(target, each.text);
        return;
      } catch (error) {
        if (!isTokenExpired(error) || clock.nowMs() - askedAtMs(to) > responseWaitMs) throw error;
        await clock.sleep(retryIntervalMs, signal);
      }
    }
  }

  #isUnfilled(target: InteractionTarget, text: string): boolean {
    const filled = this.#filled.get(target.interaction);
    return filled === undefined || filled === text;
  }

  #markFilled(target: InteractionTarget, text: string): void {
    this.#filled.set(target.interaction, text);
  }

  async #postAll(
    target: Target,
    channel: string,
    { all, from }: MessageList,
    signal: AbortSignal,
  ): Promise<void> {
    const cause = target.how === "interaction" ? target.interaction : target.message;
    const isHere = target.how !== "interaction" && channel === target.channel;
    for (const [index, { text: bare, files, offer }] of all.entries()) {
      if (index < from) continue;
      // A press in a DM would not say which conversation is meant.
      const text = offer === undefined ? bare : `${bare} ${offer.orElse}`;
      const nonce = nonceOf("tell", cause, channel, index, text, ...files.map(({ name }) => name));
      const reference = isHere ? { replyTo: target.message } : {};
      const message = { ...bodyOf(text), ...filesOf(files), ...reference, nonce };
      await createMessage(this.#ports.api, channel, message, signal);
    }
  }
}

/** Names the conversation if it was picked from a list. */
function withPickedName(target: Target, text: string): string {
  const isPicked = target.how === "interaction" && target.picked !== undefined;
  return isPicked ? `In ${target.picked}:\n\n${text}` : text;
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

function isForbidden(error: unknown): boolean {
  return error instanceof PlatformError && error.kind === "forbidden";
}
