import type { ToolCall } from "../../domain/prompt.ts";
import type { AnswerForm } from "./answer-form.ts";
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

type State = "begin" | "answer" | "header" | "bare" | "maybe-call" | Hidden["state"];

/**
 * Separates the visible answer from thoughts and from calls written as text. Thoughts stand between markers at the beginning
 * of an answer and between its messages, and before an end marker without an opening one. In code, inside a line, and after
 * the answer itself showed an opening tag, tags are content. Linear; it holds back only what may still become a marker.
 */
export class AnswerText {
  readonly #names: readonly string[];
  readonly #shown = new VisiblePart();
  readonly #call: CallText;
  readonly #startsThinking: boolean | undefined;
  #state: State = "begin";
  /** Text that is not classified yet. */
  #pending = "";
  /** Hidden text that may turn out to be the answer. */
  #held = "";
  /** The last hidden characters. */
  #before = "";
  /** The only tag that ends the thoughts. Undefined: any end marker. */
  #closing: string | undefined;
  /** The held text may be an answer about the tag with which it begins. */
  #mayMention = false;
  #hasStartedThinking: boolean | undefined;
  #hasThought = false;
  #hasMessages = false;

  constructor({ startsThinking, tools }: AnswerForm) {
    this.#startsThinking = startsThinking;
    this.#names = tools.map(({ name }) => name);
    this.#call = new CallText(tools);
  }

  /** Whether the text began inside thoughts. Undefined: unknown. */
  get hasStartedThinking(): boolean | undefined {
    return this.#hasStartedThinking;
  }

  /** Whether the current text is hidden: thoughts or a call. */
  get isBusy(): boolean {
    return !["begin", "answer", "maybe-call"].includes(this.#state);
  }

  /** The calls that were written as text. */
  get calls(): readonly ToolCall[] {
    return this.#call.calls;
  }

  push(text: string): Growth {
    this.#pending += text;
    this.#run(false);
    return this.#shown.growth();
  }

  /** `isCut`: the text may have ended inside thoughts. */
  end(isCut: boolean): Growth {
    this.#run(true);
    if (!isCut) this.#settle();
    return this.#shown.growth();
  }

  /** The answer is complete: held text is not a thought, and may not be a call. */
  #settle(): void {
    if (this.#state === "held" || (this.#state === "maybe-call" && !this.#call.end())) {
      this.#pending = this.#held;
      this.#state = "answer";
      this.#run(true);
    }
    if (this.#state === "call") this.#call.end();
    if (this.#shown.hasText) this.#hasStartedThinking ??= false;
  }

  #run(isLast: boolean): void {
    while (this.#pending !== "" && this.#step(isLast));
  }

  /** False: more text is needed. */
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
        return this.#keep(this.#pending.length);
      case "aside":
      case "call":
      case "held":
      case "over":
      case "thoughts":
        return this.#hidden(this.#state, isLast);
    }
  }

  #begin(isLast: boolean): boolean {
    const blank = this.#pending.length - this.#pending.trimStart().length;
    if (blank > 0) return this.#hasThought ? this.#skip(blank, "begin") : this.#show(blank);
    const beginning = readAnswerStart(this.#pending, {
      tools: this.#names,
      hasThought: this.#hasThought,
      isLast,
    });
    if (beginning === undefined) return false;
    const { length, next } = beginning;
    this.#closing = beginning.closing;
    this.#mayMention = next === "mention";
    if (next === "thoughts" || next === "mention") this.#hasStartedThinking ??= false;
    if (next !== "text") return this.#skip(length, next === "mention" ? "held" : next);
    const isHeld = !this.#hasThought && (this.#startsThinking ?? soundsLikeThinking(this.#pending, isLast));
    return isHeld !== undefined && this.#skip(length, isHeld ? "held" : "answer");
  }

  #answer(isLast: boolean): boolean {
    const code = this.#shown.code.lengthAt(this.#pending, isLast);
    if (code !== 0) return code > 0 && this.#show(code);
    const marker = nextMarker(this.#pending, /[<[◁`~\n]/u, isLast);
    if (typeof marker === "number") return marker > 0 && this.#show(marker);
    if (this.#hasThought && isAnswerEnd(marker)) return this.#skip(marker.length, "answer");
    const meaning =
      meaningOf(marker) ?? (this.#shown.code.isLineStart ? callNamedBy(marker, this.#names) : undefined);
    if (meaning === undefined) return this.#show(1);
    const after = this.#pending.slice(marker.length, marker.length + maxAfterChars);
    const hasCalled = this.#call.calls.length > 0;
    const reach = effectOf(marker, meaning, { after, shown: this.#shown, isLast, hasCalled });
    if (meaning.kind === "thoughts" && reach === "content") this.#shown.hasTag = true;
    return reach !== undefined && this.#apply(marker, meaning, reach);
  }

  #apply({ length }: string, meaning: MarkerMeaning, reach: MarkerEffect): true {
    switch (reach) {
      case "content":
        return this.#show(length);
      case "withdraw":
        this.#shown.withdraw();
        this.#hasStartedThinking = true;
        return this.#endThoughts(length);
      case "call":
        // A marker may name the tool.
        this.#call.begin(
          this.#pending.slice(0, length),
          meaning.kind === "call" ? meaning.closing : undefined,
        );
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

  /** Thoughts, calls and text after the end. Only a marker ends them. */
  #hidden(state: Hidden["state"], isLast: boolean): boolean {
    const marker = nextMarker(this.#pending, /[<[◁]/u, isLast);
    if (typeof marker === "number") return marker > 0 && this.#keep(marker);
    const after = this.#pending.slice(marker.length, marker.length + contextChars);
    if (after.length < (this.#mayMention ? contextChars : 1) && !isLast) return false;
    const does = hiddenMarkerEffect(
      marker,
      { before: this.#before, after },
      {
        state,
        closing: state === "call" ? this.#call.closing : this.#closing,
        mayMention: this.#mayMention,
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
    const header = headerAtStart(this.#pending, isLast);
    if (header === undefined) return false;
    if (header.message.kind === "call") this.#call.begin(`${header.message.name}\n`);
    this.#hasThought = true;
    return this.#skip(header.length, header.message.kind);
  }

  /** Harmony messages without markers, which the server removed: `analysisWe need …assistantfinalThe launch is …` */
  #bare(isLast: boolean): boolean {
    const end = strippedEndIn(this.#pending);
    if (end?.name !== undefined) {
      this.#call.begin(`${end.name}\n`);
      return this.#skip(end.to, "call");
    }
    if (end !== undefined) return this.#endThoughts(end.to);
    // Keeps what may be the start of the end.
    const length = isLast ? this.#pending.length : this.#pending.length - maxStrippedEndChars;
    if (length > 0) this.#pending = this.#pending.slice(length);
    return false;
  }

  #show(length: number): true {
    this.#shown.add(this.#pending.slice(0, length));
    this.#pending = this.#pending.slice(length);
    return true;
  }

  #skip(length: number, state: State): true {
    this.#pending = this.#pending.slice(length);
    this.#state = state;
    return true;
  }

  /** Hides text, for now. */
  #keep(length: number): true {
    const text = this.#pending.slice(0, length);
    if (this.#state === "held" || this.#state === "maybe-call") this.#held += text;
    if (this.#state === "call" || this.#state === "maybe-call") this.#call.add(text);
    this.#before = (this.#before + text.slice(-maxBeforeChars)).slice(-maxBeforeChars);
    return this.#skip(length, this.#state);
  }
}
