import type { Tool, ToolCall } from "../../domain/prompt.ts";
import { isAnswerEnd } from "./answer-tag.ts";
import { readAnswerStart } from "./answer-start.ts";
import { CallText } from "./call-text.ts";
import { strippedEndIn, maxStrippedEndChars } from "./stripped-harmony.ts";
import { headerAtStart } from "./harmony-header.ts";
import { hiddenMarkerEffect, type Hidden } from "./hidden-marker.ts";
import { callNamedBy, meaningOf, nextMarker, type MarkerMeaning } from "./marker.ts";
import { maxAfterChars, effectOf, type MarkerEffect } from "./marker-effect.ts";
import { VisiblePart, type Growth } from "./visible-part.ts";
import { maxBeforeChars, contextChars } from "./tag-in-prose.ts";
import { soundsLikeThinking } from "./sounds-like-thinking.ts";

export interface AnswerForm {
  /**
   * The template has opened thoughts already: the text begins within them, and only their end is marked. Undefined: that
   * is not known yet, and what sounds like thoughts waits.
   */
  readonly startsThinking: boolean | undefined;
  /** What may be called. */
  readonly tools: readonly Tool[];
}

type State = "begin" | "answer" | "header" | "bare" | "maybe-call" | Hidden["state"];

/**
 * Parts what people are to read of a stream from the model's thoughts, and from calls that it writes as text. Thoughts
 * are what stands in their markers at the beginning of an answer, between its messages, and before an end marker that no
 * other opened. In code, within a line, and where an opening tag was shown before, tags are content. Linear, and no
 * more of the text waits than may still become a marker.
 */
export class AnswerText {
  readonly #names: readonly string[];
  readonly #shown = new VisiblePart();
  readonly #call: CallText;
  readonly #startsThinking: boolean | undefined;
  #state: State = "begin";
  /** What is not decided yet. */
  #rest = "";
  /** What may turn out to be the answer after all. */
  #held = "";
  /** The last characters that were left out. */
  #before = "";
  /** The tag that alone ends the thoughts. */
  #closing: string | undefined;
  /** What is held may tell about the tag with which it begins. */
  #mayTell = false;
  #hasStartedThinking: boolean | undefined;
  #hasThought = false;
  #hasMessages = false;

  constructor({ startsThinking, tools }: AnswerForm) {
    this.#startsThinking = startsThinking;
    this.#names = tools.map(({ name }) => name);
    this.#call = new CallText(tools);
  }

  /** Whether the text began within thoughts. Undefined: it did not show yet. */
  get hasStartedThinking(): boolean | undefined {
    return this.#hasStartedThinking;
  }

  /** Whether all that comes now is thoughts, or a call. */
  get isBusy(): boolean {
    return !["begin", "answer", "maybe-call"].includes(this.#state);
  }

  /** What it called in its text, of what may be called. */
  get calls(): readonly ToolCall[] {
    return this.#call.calls;
  }

  push(text: string): Growth {
    this.#rest += text;
    this.#run(false);
    return this.#shown.growth();
  }

  /** `isCut`: it may have ended within thoughts. */
  end(isCut: boolean): Growth {
    this.#run(true);
    if (!isCut) this.#settle();
    return this.#shown.growth();
  }

  /** It came to its end: what was held is no thought, and perhaps no call. */
  #settle(): void {
    if (this.#state === "held" || (this.#state === "maybe-call" && !this.#call.end())) {
      this.#rest = this.#held;
      this.#state = "answer";
      this.#run(true);
    }
    if (this.#state === "call") this.#call.end();
    if (this.#shown.hasText) this.#hasStartedThinking ??= false;
  }

  #run(isLast: boolean): void {
    while (this.#rest !== "" && this.#step(isLast));
  }

  /** False when more of the text decides what it is. */
  #step(isLast: boolean): boolean {
    switch (this.#state) {
      case "begin":
        return this.#begin(isLast);
      case "answer":
        return this.#answer(isLast);
      case "header":
        return this.#header(isLast);
      case "bare":
        return this.#bare(isLast);
      case "maybe-call":
        return this.#keep(this.#rest.length);
      case "aside":
      case "call":
      case "held":
      case "over":
      case "thoughts":
        return this.#hidden(this.#state, isLast);
    }
  }

  #begin(isLast: boolean): boolean {
    const blank = this.#rest.length - this.#rest.trimStart().length;
    if (blank > 0) return this.#hasThought ? this.#skip(blank, "begin") : this.#show(blank);
    const beginning = readAnswerStart(this.#rest, {
      tools: this.#names,
      hasThought: this.#hasThought,
      isLast,
    });
    if (beginning === undefined) return false;
    const { length, next } = beginning;
    this.#closing = beginning.closing;
    this.#mayTell = next === "told";
    if (next === "thoughts" || next === "told") this.#hasStartedThinking ??= false;
    if (next !== "text") return this.#skip(length, next === "told" ? "held" : next);
    const isHeld = !this.#hasThought && (this.#startsThinking ?? soundsLikeThinking(this.#rest, isLast));
    return isHeld !== undefined && this.#skip(length, isHeld ? "held" : "answer");
  }

  #answer(isLast: boolean): boolean {
    const code = this.#shown.code.lengthAt(this.#rest, isLast);
    if (code !== 0) return code > 0 && this.#show(code);
    const marker = nextMarker(this.#rest, /[<[◁`~\n]/u, isLast);
    if (typeof marker === "number") return marker > 0 && this.#show(marker);
    if (this.#hasThought && isAnswerEnd(marker)) return this.#skip(marker.length, "answer");
    const meaning =
      meaningOf(marker) ?? (this.#shown.code.isLineStart ? callNamedBy(marker, this.#names) : undefined);
    if (meaning === undefined) return this.#show(1);
    const after = this.#rest.slice(marker.length, marker.length + maxAfterChars);
    const hasCalled = this.#call.calls.length > 0;
    const reach = effectOf(marker, meaning, { after, shown: this.#shown, isLast, hasCalled });
    if (meaning.kind === "thoughts" && reach === "content") this.#shown.hasTag = true;
    return reach !== undefined && this.#take(marker, meaning, reach);
  }

  #take({ length }: string, meaning: MarkerMeaning, reach: MarkerEffect): true {
    switch (reach) {
      case "content":
        return this.#show(length);
      case "withdraw":
        this.#shown.withdraw();
        this.#hasStartedThinking = true;
        return this.#endThoughts(length);
      case "call":
        // A marker may name what it calls.
        this.#call.begin(this.#rest.slice(0, length), meaning.kind === "call" ? meaning.closing : undefined);
        return this.#skip(length, "call");
      case "header":
        this.#hasMessages = true;
        return this.#skip(length, "header");
      case "wrapping":
        return this.#skip(length, "answer");
      case "over":
      case "thoughts":
        this.#closing = meaning.kind === "thoughts" ? meaning.closing : undefined;
        return this.#skip(length, reach);
    }
  }

  #endThoughts(length: number): true {
    this.#hasThought = true;
    this.#held = "";
    this.#shown.code.reset();
    return this.#skip(length, "begin");
  }

  /** Thoughts, calls and what follows the end: only a marker ends them. */
  #hidden(state: Hidden["state"], isLast: boolean): boolean {
    const marker = nextMarker(this.#rest, /[<[◁]/u, isLast);
    if (typeof marker === "number") return marker > 0 && this.#keep(marker);
    const after = this.#rest.slice(marker.length, marker.length + contextChars);
    if (after.length < (this.#mayTell ? contextChars : 1) && !isLast) return false;
    const does = hiddenMarkerEffect(
      marker,
      { before: this.#before, after },
      {
        state,
        closing: state === "call" ? this.#call.closing : this.#closing,
        mayTell: this.#mayTell,
        hasMessages: this.#hasMessages,
      },
    );
    if (does === "keep") return this.#keep(marker.length);
    if (state === "held") this.#hasStartedThinking ??= true;
    if (state === "call") this.#call.end();
    if (does === "thoughts-end") return this.#endThoughts(marker.length);
    if (does === "header") return this.#skip(marker.length, "header");
    return this.#skip(marker.length, this.#hasMessages ? "over" : this.#shown.hasText ? "answer" : "begin");
  }

  #header(isLast: boolean): boolean {
    const header = headerAtStart(this.#rest, isLast);
    if (header === undefined) return false;
    if (header.message.kind === "call") this.#call.begin(`${header.message.name}\n`);
    this.#hasThought = true;
    return this.#skip(header.length, header.message.kind);
  }

  /** Harmony's messages whose markers the server has taken out: `analysisWe need …assistantfinalThe launch is …` */
  #bare(isLast: boolean): boolean {
    const end = strippedEndIn(this.#rest);
    if (end?.name !== undefined) {
      this.#call.begin(`${end.name}\n`);
      return this.#skip(end.to, "call");
    }
    if (end !== undefined) return this.#endThoughts(end.to);
    // What may be the beginning of the end stays.
    const length = isLast ? this.#rest.length : this.#rest.length - maxStrippedEndChars;
    if (length > 0) this.#rest = this.#rest.slice(length);
    return false;
  }

  #show(length: number): true {
    this.#shown.add(this.#rest.slice(0, length));
    this.#rest = this.#rest.slice(length);
    return true;
  }

  #skip(length: number, state: State): true {
    this.#rest = this.#rest.slice(length);
    this.#state = state;
    return true;
  }

  /** Not shown, as it looks now. */
  #keep(length: number): true {
    const text = this.#rest.slice(0, length);
    if (this.#state === "held" || this.#state === "maybe-call") this.#held += text;
    if (this.#state === "call" || this.#state === "maybe-call") this.#call.add(text);
    this.#before = (this.#before + text.slice(-maxBeforeChars)).slice(-maxBeforeChars);
    return this.#skip(length, this.#state);
  }
}
