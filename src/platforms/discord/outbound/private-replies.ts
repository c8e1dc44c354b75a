import type { Offer } from "../../../domain/offer.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError, type TextFile, type Unanswered } from "../../../ports/platform.ts";
import { askedAtMs, readTarget, type InteractionTarget, type Target } from "../wire/address.ts";
import { isFinal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { bodyOf, filesOf, nonceOf, privateBodyOf } from "../wire/message-body.ts";
import { buttonsOf, type ButtonRow } from "../wire/offer-buttons.ts";
import type { OpenAnswers } from "./open-answers.ts";
import { createMessage } from "./posts.ts";

/** The replica that took the interaction may still be opening its answer. */
const openingMs = 5_000;
const betweenLooksMs = 500;
const rememberedAnswers = 500;
/** Of all files together. Discord takes 10 MiB in one, and a little less is surely taken. */
const mostBytes = 8 * 1024 * 1024;
const mostFiles = 10;
const unansweredMark = "🙊";

const closed =
  "My answer is for you alone, but I can't send you direct messages. Allow them for this server, or use the slash command: only you see its answer.";

const sentDirectly = "I can't attach files here, so I've sent them to your DMs.";

/** One message for the asker. */
interface Told {
  readonly text: string;
  readonly files: readonly TextFile[];
  /** Missing: no buttons stand under it. */
  readonly offer?: Offer;
}

/** Several messages, of which those before `from` are told already. */
interface Sayings {
  readonly all: readonly Told[];
  readonly from: number;
}

export interface PrivateRepliesPorts {
  readonly api: DiscordApi;
  readonly answers: OpenAnswers;
  readonly clock: Clock;
}

/** Says something to the asker alone: in the interaction's answer, else in a DM. */
export class PrivateReplies {
  readonly #ports: PrivateRepliesPorts;
  /** What the answers of interactions were filled with: whatever is told beyond that follows, and replaces nothing. */
  readonly #filled = new Map<string, string>();

  constructor(ports: PrivateRepliesPorts) {
    this.#ports = ports;
  }

  /** A command that was written as a message (`@bot reset`) is answered in a DM: nothing in a channel is private. */
  async tell(to: ReplyAddress, texts: readonly string[], signal: AbortSignal, offer?: Offer): Promise<void> {
    const target = readTarget(to);
    const all = texts.map((text, index) => ({
      text: index === 0 ? named(target, text) : text,
      files: [],
      ...(offer === undefined || index < texts.length - 1 ? {} : { offer }),
    }));
    try {
      await this.#tellAlone(to, target, all, signal);
    } catch (error) {
      if (!(await this.#sayThatClosed(target, error, signal))) throw error;
    }
  }

  /** In a DM, else by a mark on the message. @throws {PlatformError} */
  async tellUnanswered(to: ReplyAddress, { text, message }: Unanswered, signal: AbortSignal): Promise<void> {
    const target = readTarget(to);
    try {
      await this.#tellAlone(to, target, [{ text, files: [] }], signal);
    } catch (error) {
      if (!isFinal(error)) throw error;
      await this.#ports.api.addReaction(target.channel, message, unansweredMark, signal);
    }
  }

  /** @throws {PlatformError} also where the asker was told that it can't be done. */
  async giveFiles(to: ReplyAddress, given: Told, signal: AbortSignal): Promise<void> {
    const bytes = given.files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    if (bytes > mostBytes || given.files.length > mostFiles) {
      throw new PlatformError("rejected", "The files are more, or larger, than Discord takes (10; 8 MiB)");
    }
    const target = readTarget(to);
    const all = [{ ...given, text: named(target, given.text) }];
    try {
      await this.#tellAlone(to, target, all, signal);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      if (target.how !== "interaction") {
        await this.#sayThatClosed(target, error, signal);
        throw error;
      }
      // We may not attach files there; in a DM everybody may.
      await this.#sayDirectly(target, { all, from: 0 }, signal);
      await this.tell(to, [sentDirectly], signal);
    }
  }

  /** Where the asker wrote, and only that: not everybody there may read what the answer holds. */
  async #sayThatClosed(target: Target, error: unknown, signal: AbortSignal): Promise<boolean> {
    const isMessage = target.how === "reply" || target.how === "thread";
    if (!isMessage || !isForbidden(error)) return false;
    await this.#say(target, target.channel, { all: [{ text: closed, files: [] }], from: 0 }, signal);
    return true;
  }

  async #tellAlone(
    to: ReplyAddress,
    target: Target,
    all: readonly Told[],
    signal: AbortSignal,
  ): Promise<void> {
    if (target.how === "direct") {
      await this.#say(target, target.channel, { all, from: 0 }, signal);
      return;
    }
    const from = target.how === "interaction" ? await this.#tellInAnswer(to, target, all, signal) : 0;
    if (from < all.length) await this.#sayDirectly(target, { all, from }, signal);
  }

  async #sayDirectly(target: Target, what: Sayings, signal: AbortSignal): Promise<void> {
    const { id } = await this.#ports.api.openDirect(target.user, signal);
    await this.#say(target, id, what, signal);
  }

  /** How many of them could be told before the token was dead. */
  async #tellInAnswer(
    to: ReplyAddress,
    target: InteractionTarget,
    all: readonly Told[],
    signal: AbortSignal,
  ): Promise<number> {
    const { api, answers, clock } = this.#ports;
    if (clock.nowMs() >= (to.expiresAtMs ?? 0)) return 0;
    await answers.opened(target.interaction);
    let told = 0;
    try {
      for (const each of all) {
        await (told === 0 && this.#isFree(target, each.text)
          ? this.#fillAnswer(to, target, each, signal)
          : sendInForm(each, target, ({ text, components }) =>
              api.followUp(target, { ...privateBodyOf(text), ...filesOf(each.files), components }, signal),
            ));
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
    each: Told,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock } = this.#ports;
    for (;;) {
      try {
        await sendInForm(each, target, ({ text, components }) =>
          api.editAnswer(target, { ...bodyOf(text), ...filesOf(each.files), components }, signal),
        );
        this.#rememberFilled(target, each.text);
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

  async #say(target: Target, channel: string, { all, from }: Sayings, signal: AbortSignal): Promise<void> {
    const cause = target.how === "interaction" ? target.interaction : target.message;
    const isHere = target.how !== "interaction" && channel === target.channel;
    for (const [index, { text: bare, files, offer }] of all.entries()) {
      if (index < from) continue;
      // A press there would not say which conversation it is about.
      const text = offer === undefined ? bare : `${bare} ${offer.orElse}`;
      const nonce = nonceOf("tell", cause, channel, index, text, ...files.map(({ name }) => name));
      const reference = isHere ? { replyTo: target.message } : {};
      const message = { ...bodyOf(text), ...filesOf(files), ...reference, nonce };
      await createMessage(this.#ports.api, channel, message, signal);
    }
  }
}

/** Where a conversation was picked, the answer says which. */
function named(target: Target, text: string): string {
  const isPicked = target.how === "interaction" && target.picked !== undefined;
  return isPicked ? `In ${target.picked}:\n\n${text}` : text;
}

/** With its buttons; where Discord refuses them, with what is said in their place. */
async function sendInForm(
  told: Told,
  target: InteractionTarget,
  send: (form: { readonly text: string; readonly components: readonly ButtonRow[] }) => Promise<void>,
): Promise<void> {
  const components = componentsOf(told, target);
  try {
    await send({ text: told.text, components });
  } catch (error) {
    const isForm = error instanceof PlatformError && error.kind === "rejected" && components.length > 0;
    if (!isForm) throw error;
    await send({ text: `${told.text} ${told.offer?.orElse ?? ""}`, components: [] });
  }
}

function componentsOf({ offer }: Told, { topic }: InteractionTarget): readonly ButtonRow[] {
  return offer === undefined || topic === undefined ? [] : buttonsOf(offer, topic);
}

function isDead(error: unknown): boolean {
  return error instanceof PlatformError && (error.kind === "expired" || error.kind === "gone");
}

function isForbidden(error: unknown): boolean {
  return error instanceof PlatformError && error.kind === "forbidden";
}
