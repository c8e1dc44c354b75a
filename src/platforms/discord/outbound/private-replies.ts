import type { Offer } from "../../../domain/offer.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Unanswered } from "../../../ports/platform-private-replies.ts";
import { isAway, readTarget, type Target } from "../wire/address.ts";
import { isRefusal } from "../api/api-errors.ts";
import { bodyOf, filesOf, nonceOf } from "../wire/message-body.ts";
import { InteractionResponses, type ResponsePorts } from "./interaction-responses.ts";
import type { PrivateMessage } from "./response-forms.ts";
import { createMessage } from "./posts.ts";

/** For all files together. Discord accepts 10 MiB per file. */
const maxBytes = 8 * 1024 * 1024;
const maxFiles = 10;
const unansweredMark = "🙊";

const dmsClosedText =
  "My answer is only for you, but I can't DM you. Allow direct messages from this server, or use the slash command: only you see its answer.";

const remembersNothing = "-# I'm not a member here, and remember nothing of this.";
const filesInDmText = "I can't attach files here, so I've sent them to your DMs.";

/** Several messages; those before `from` are already sent. */
interface MessageList {
  readonly all: readonly PrivateMessage[];
  readonly from: number;
}

/** Sends messages to the asker alone: as an interaction's response, else in a DM. */
export class PrivateReplies {
  readonly #ports: ResponsePorts;
  readonly #responses: InteractionResponses;

  constructor(ports: ResponsePorts) {
    this.#ports = ports;
    this.#responses = new InteractionResponses(ports);
  }

  /**
   * A command written as a message (`@bot reset`) is answered in a DM: nothing in a channel is private. Where DMs are closed,
   * a line says so in its place. @throws {PlatformError}, after that line too if there was an offer.
   */
  async send(to: ReplyAddress, texts: readonly string[], signal: AbortSignal, offer?: Offer): Promise<void> {
    const target = readTarget(to);
    const all = texts.map((text, index) => ({
      text: withNote(target, index === 0 ? withPickedName(target, text) : text, index === texts.length - 1),
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
    const all = [{ ...given, text: withNote(target, withPickedName(target, given.text), true) }];
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
    const from = target.how === "interaction" ? await this.#responses.send(to, target, all, signal) : 0;
    if (from < all.length) await this.#sendDm(target, { all, from }, signal);
  }

  async #sendDm(target: Target, what: MessageList, signal: AbortSignal): Promise<void> {
    const { id } = await this.#ports.api.openDm(target.user, signal);
    await this.#postAll(target, id, what, signal);
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

/** Says once where nothing is remembered. */
function withNote(target: Target, text: string, isLast: boolean): string {
  return isLast && isAway(target) ? `${text}\n${remembersNothing}` : text;
}

function isForbidden(error: unknown): boolean {
  return error instanceof PlatformError && error.kind === "forbidden";
}
