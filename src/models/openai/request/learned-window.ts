import type { Prompt } from "../../../domain/prompt.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { countTokens } from "../../count-tokens.ts";
import type { Limits } from "../failure/too-long.ts";

/** What was sent, in tokens as we count them. */
interface Sent {
  readonly promptTokens: number;
  /** The room for the answer. */
  readonly room: number;
}

interface Window {
  /** Of a prompt and its answer together, as the server counts them. */
  readonly tokens: number;
  /** How many of our tokens are one of the server's. */
  readonly scale: number;
  readonly untilMs: number;
  /** Nobody has said so. */
  readonly isGuess: boolean;
}

/** A server may be started anew with a larger window, or another model. */
const keptMs = 3_600_000;
const guessKeptMs = 600_000;
/** Below this no conversation has room. */
const leastWindow = 500;
/** With less of it an answer ends in the middle of its first sentence. */
const leastRoom = 64;
/** What servers for a computer of one's own begin with. */
const usualWindow = 4_096;
const leastGuess = 2_048;
/** Around each message providers add a few tokens of their own. */
const tokensAround = 4;
const share = 0.97;

/** How long the requests to one model may be. Learnt from what its server refuses, and kept for a time. */
export class LearnedWindow {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #log: Log;
  readonly #wantedRoom: number;
  #window: Window | undefined;
  #reply: { readonly tokens: number; readonly untilMs: number } | undefined;
  #toolTokens = 0;

  /** @param wantedRoom - tokens for an answer and the thoughts before it */
  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }, wantedRoom: number) {
    this.#clock = clock;
    this.#log = log;
    this.#wantedRoom = wantedRoom;
  }

  /** The most tokens that instructions and messages may have. Infinity: nothing is known. */
  get promptTokens(): number {
    const window = this.#now();
    return window === undefined ? Infinity : this.#promptTokensIn(window) - this.#toolTokens;
  }

  /** What the answer to this prompt may take of what it wants. */
  roomFor(prompt: Prompt, wanted: number): number {
    const window = this.#now();
    const reply = this.#reply;
    const capped =
      reply !== undefined && reply.untilMs > this.#clock.nowMs() ? Math.min(wanted, reply.tokens) : wanted;
    if (window === undefined) return capped;
    const left = Math.floor(window.tokens * share - this.#tokensOf(prompt) / window.scale);
    return Math.min(capped, Math.max(leastRoom, left));
  }

  /** True when the same prompt may be sent again, with less room for its answer. */
  learn(limits: Limits, prompt: Prompt, room: number): boolean {
    const { replyTokens } = limits;
    const nowMs = this.#clock.nowMs();
    if (replyTokens !== undefined) {
      if (replyTokens >= room || replyTokens < leastRoom) return false;
      this.#reply = { tokens: replyTokens, untilMs: nowMs + keptMs };
      this.#log.info({ replyTokens }, "the model's server allows shorter answers; they are asked for");
      return true;
    }
    const sent = { promptTokens: this.#tokensOf(prompt), room };
    const window = this.#windowAfter(limits, sent);
    // Guessed at once, and once.
    const isHopeless = window.isGuess && this.#now()?.isGuess === true;
    this.#window = { ...window, untilMs: nowMs + (window.isGuess ? guessKeptMs : keptMs) };
    const promptTokens = this.#promptTokensIn(window);
    this.#log.info(
      { windowTokens: window.tokens, promptTokens, isGuess: window.isGuess },
      "the model's server takes shorter requests; they are kept within that",
    );
    return !isHopeless && sent.promptTokens <= promptTokens && this.roomFor(prompt, room) < room;
  }

  /** Some servers say nothing when a prompt is too long for them. True when less of it may be answered. */
  suspect(prompt: Prompt): boolean {
    const known = this.#now();
    if (known?.isGuess === false) return false;
    const tokens = known === undefined ? usualWindow : known.tokens / 2;
    const isPossible = tokens >= leastGuess && this.#tokensOf(prompt) > tokens / 2;
    // Else it was something else.
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
    // Where it counts fewer than we do, the next text may be another.
    const scale = counted > 0.3 && counted < 3 ? Math.min(1, counted) : (this.#now()?.scale ?? 1);
    const refused = sent.promptTokens / scale + sent.room;
    const isGuess = windowTokens === undefined || windowTokens > refused;
    // Of a short prompt with much room it is the room that is too long.
    const guess = refused / (sent.promptTokens > sent.room ? 2 : 4);
    // Also where the server says more than it takes, each refusal makes the next request shorter.
    const tokens = isGuess ? guess : Math.min(windowTokens, refused * 0.9);
    return { tokens: Math.floor(Math.max(leastWindow, tokens)), scale, isGuess };
  }

  /** A quarter of a small window is the answer's. */
  #promptTokensIn({ tokens, scale }: Omit<Window, "untilMs">): number {
    const room = Math.min(this.#wantedRoom, Math.ceil(tokens / 4));
    return Math.floor((tokens * share - room) * scale);
  }

  #tokensOf({ instructions, messages, tools = [], calls = [] }: Prompt): number {
    this.#toolTokens = tools.length === 0 ? 0 : countTokens(JSON.stringify(tools));
    const texts = [instructions, ...messages.map(({ text }) => text), ...calls.map(textOf)];
    return texts.reduce((sum, text) => sum + countTokens(text) + tokensAround, this.#toolTokens);
  }
}

function textOf({ call, result }: NonNullable<Prompt["calls"]>[number]): string {
  return `${call.name} ${call.argument} ${result}`;
}
