import type { Content } from "../../../domain/content.ts";
import type { Prompt } from "../../../domain/prompt.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { countTokens } from "../../count-tokens.ts";
import type { Limits } from "../failure/too-long.ts";

/** What was sent, in our own token count. */
interface Sent {
  readonly promptTokens: number;
  /** The room for the answer. */
  readonly room: number;
}

interface Window {
  /** Of prompt and answer together, in the server's count. */
  readonly tokens: number;
  /** Our tokens per token of the server. */
  readonly scale: number;
  readonly untilMs: number;
  /** The server did not name a number. */
  readonly isGuess: boolean;
}

/** The server may be restarted with a larger window or another model. */
const keptMs = 3_600_000;
const guessKeptMs = 600_000;
/** No conversation fits into less. */
const minWindow = 500;
/** With less room, an answer ends in its first sentence. */
const minRoom = 64;
/** Default window of local servers. */
const defaultWindow = 4_096;
const minGuess = 2_048;
/** Tokens that providers add around each message. */
const tokensAround = 4;
const share = 0.97;

/** Maximum length of requests to one model. Learned from the server's refusals, and remembered for an hour. */
export class LearnedWindow {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #log: Log;
  readonly #wantedRoom: number;
  #window: Window | undefined;
  #reply: { readonly tokens: number; readonly untilMs: number } | undefined;
  #toolTokens = 0;

  /** @param wantedRoom - tokens for an answer and the reasoning before it */
  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }, wantedRoom: number) {
    this.#clock = clock;
    this.#log = log;
    this.#wantedRoom = wantedRoom;
  }

  /** Maximum tokens of instructions and messages. Infinity: unknown. */
  get promptTokens(): number {
    const window = this.#now();
    return window === undefined ? Infinity : this.#promptTokensIn(window) - this.#toolTokens;
  }

  /** Room for the answer to this prompt: at most `wanted`. */
  roomFor(prompt: Prompt, wanted: number): number {
    const window = this.#now();
    const reply = this.#reply;
    const capped =
      reply !== undefined && reply.untilMs > this.#clock.nowMs() ? Math.min(wanted, reply.tokens) : wanted;
    if (window === undefined) return capped;
    const left = Math.floor(window.tokens * share - this.#tokensOf(prompt) / window.scale);
    return Math.min(capped, Math.max(minRoom, left));
  }

  /** Learns from a refusal. True: send the same prompt again, with less room for its answer. */
  learn(limits: Limits, prompt: Prompt, room: number): boolean {
    const { replyTokens } = limits;
    const nowMs = this.#clock.nowMs();
    if (replyTokens !== undefined) {
      if (replyTokens >= room || replyTokens < minRoom) return false;
      this.#reply = { tokens: replyTokens, untilMs: nowMs + keptMs };
      this.#log.info(
        { replyTokens },
        "the model's server allows shorter answers only; REPLY_TOKENS is reduced",
      );
      return true;
    }
    const sent = { promptTokens: this.#tokensOf(prompt), room };
    const window = this.#windowAfter(limits, sent);
    // Only one guess per prompt.
    const isHopeless = window.isGuess && this.#now()?.isGuess === true;
    this.#window = { ...window, untilMs: nowMs + (window.isGuess ? guessKeptMs : keptMs) };
    const promptTokens = this.#promptTokensIn(window);
    this.#log.info(
      { windowTokens: window.tokens, promptTokens, isGuess: window.isGuess },
      "the model's server accepts shorter requests only; prompts are shortened",
    );
    return !isHopeless && sent.promptTokens <= promptTokens && this.roomFor(prompt, room) < room;
  }

  /** Some servers answer nothing to a prompt that is too long. True: a shorter one may be answered. */
  suspect(prompt: Prompt): boolean {
    const known = this.#now();
    if (known?.isGuess === false) return false;
    const tokens = known === undefined ? defaultWindow : known.tokens / 2;
    const isPossible = tokens >= minGuess && this.#tokensOf(prompt) > tokens / 2;
    // Otherwise the length was not the cause.
    this.#window = isPossible
      ? { tokens, scale: 1, untilMs: this.#clock.nowMs() + guessKeptMs, isGuess: true }
      : undefined;
    return isPossible;
  }

  #now(): Window | undefined {
    if (this.#window !== undefined && this.#window.untilMs <= this.#clock.nowMs()) this.#window = undefined;
    return this.#window;
  }

  #windowAfter(limits: Limits, sent: Sent): Omit<Window, "untilMs"> {
    const { windowTokens, promptTokens = (limits.requestTokens ?? 0) - sent.room } = limits;
    const counted = promptTokens > 0 ? sent.promptTokens / promptTokens : 0;
    // If the server counts fewer tokens than we do, that may not hold for the next text.
    const scale = counted > 0.3 && counted < 3 ? Math.min(1, counted) : (this.#now()?.scale ?? 1);
    const refused = sent.promptTokens / scale + sent.room;
    const isGuess = windowTokens === undefined || windowTokens > refused;
    // If the room is larger than the prompt, the room is the problem.
    const guess = refused / (sent.promptTokens > sent.room ? 2 : 4);
    // Each refusal makes the next request shorter, even if the server names a number above its real limit.
    const tokens = isGuess ? guess : Math.min(windowTokens, refused * 0.9);
    return { tokens: Math.floor(Math.max(minWindow, tokens)), scale, isGuess };
  }

  /** Up to a quarter of the window is kept for the answer. */
  #promptTokensIn({ tokens, scale }: Omit<Window, "untilMs">): number {
    const room = Math.min(this.#wantedRoom, Math.ceil(tokens / 4));
    return Math.floor((tokens * share - room) * scale);
  }

  #tokensOf({ instructions, messages, tools = [], calls = [] }: Prompt): number {
    this.#toolTokens = tools.length === 0 ? 0 : countTokens(JSON.stringify(tools));
    const contents: readonly Content[] = [
      instructions,
      ...messages.map(({ content }) => content),
      ...calls.map(textOf),
    ];
    return contents.reduce((sum, content) => sum + countTokens(content) + tokensAround, this.#toolTokens);
  }
}

function textOf({ call, result }: NonNullable<Prompt["calls"]>[number]): string {
  return `${call.name} ${call.argument} ${result}`;
}
