import { ModelError } from "../../../ports/model.ts";
import { reportedUsage } from "../api/reported-usage.ts";
import { ChatCalls } from "./chat-calls.ts";
import { endFromReason } from "./finish-reason.ts";
import { isThinkingIn, visibleTextIn } from "../api/content.ts";
import { asList, asObject, asText } from "../../json.ts";
import type { Interpreter, StreamStep } from "../api/model-call.ts";
import { failureIn, throwIfFailed } from "../failure/stated-failure.ts";
import { ReturnedThoughts } from "./returned-thoughts.ts";

type Fields = Readonly<Record<string, unknown>>;

const usageNames = {
  prompt: "prompt_tokens",
  promptDetails: "prompt_tokens_details",
  reply: "completion_tokens",
  replyDetails: "completion_tokens_details",
};

/** Reads the chunks of Chat Completions, or the single body that some servers send instead. */
export function readChat(): Interpreter {
  const calls = new ChatCalls();
  let index: unknown;
  let said = "";
  let pieces = 0;
  const thoughts = new ReturnedThoughts();
  return {
    read: (event) => {
      const chunk = asObject(event);
      throwIfFailed(chunk);
      const choice = choiceIn(chunk, index);
      if (choice["error"]) throw failureIn(choice["error"]);
      const delta = deltaOf(choice);
      const reason = asText(choice["finish_reason"]);
      // Some servers repeat the whole answer, in a separate message or with the end.
      const isRepeat =
        said !== "" && (delta.isWhole || (reason !== "" && delta.text === said && isSaidOnce(said, pieces)));
      const text = isRepeat ? "" : delta.text;
      if (!isRepeat) calls.add(delta.message);
      if (delta.text !== "" || asList(delta.message["tool_calls"]).length > 0) index ??= choice["index"];
      said += text;
      if (text !== "") pieces += 1;
      thoughts.add(delta.message);
      const end = endFromReason(reason, said !== "");
      const isThinking = isBusy(delta.message);
      // As most chunks are.
      if (end === undefined && !isThinking && !chunk["usage"]) return { text };
      return {
        text,
        ...(isThinking ? { isBusy: true } : {}),
        ...(end === undefined ? {} : { end }),
        ...(end === "whole" ? calls.end(thoughts.fields) : {}),
        ...reportedUsage(asObject(chunk["usage"]), usageNames),
      };
    },
    close: (): StreamStep => ({ end: "whole", ...calls.end(thoughts.fields) }),
  };
}

/**
 * Whether a repeated text comes from the server and not from the model: it is long, had several pieces, or a capital would
 * follow its last letter directly.
 */
function isSaidOnce(text: string, pieces: number): boolean {
  if (text.length >= 20 || (pieces > 1 && text.length >= 4 && /\p{L}/u.test(text))) return true;
  return /^\p{Lu}.*[\p{L}.!?]$/su.test(text);
}

/** The choice that had text first. Only one was requested. */
function choiceIn({ choices }: Fields, index: unknown): Fields {
  for (const each of Array.isArray(choices) ? choices : [choices]) {
    const choice = asObject(each);
    if (index === undefined || (choice["index"] ?? index) === index) return choice;
  }
  return {};
}

interface Delta {
  readonly message: Fields;
  readonly text: string;
  /** It contains the whole answer. */
  readonly isWhole: boolean;
}

/** @throws {ModelError} when the model declines. */
function deltaOf(choice: Fields): Delta {
  const isWhole = typeof choice["delta"] !== "object" && typeof choice["message"] === "object";
  const message = asObject(isWhole ? choice["message"] : choice["delta"]);
  if (asText(message["refusal"]) !== "") throw new ModelError("refused", "The model declined to answer");
  const content = visibleTextIn(message["content"]);
  const text = isThoughtIn(message) ? behindThoughts(content) : content;
  return { message, text: text || asText(choice["text"]), isWhole };
}

/** The answer may begin in the chunk in which the thoughts end. */
function behindThoughts(content: string): string {
  const end = "</thought>";
  const at = content.lastIndexOf(end);
  return at === -1 ? "" : content.slice(at + end.length);
}

/** Gemini marks the whole chunk as thoughts. */
function isThoughtIn(message: Fields): boolean {
  return asObject(asObject(message["extra_content"])["google"])["thought"] === true;
}

/** Whether the model is reasoning or writing a call. */
function isBusy(message: Fields): boolean {
  return (
    isThoughtIn(message) ||
    isThinkingIn(message["content"]) ||
    hasThoughts(message) ||
    asList(message["reasoning_details"]).length > 0 ||
    asList(message["tool_calls"]).length > 0
  );
}

/** A loop over the names takes several times as long, for each chunk. */
function hasThoughts(message: Fields): boolean {
  return (
    asText(message["reasoning"]) !== "" ||
    asText(message["reasoning_content"]) !== "" ||
    asText(message["reasoning_text"]) !== "" ||
    asText(message["thinking"]) !== "" ||
    asText(message["thinking_content"]) !== "" ||
    asText(message["thought"]) !== ""
  );
}
