import { ModelError, type Usage } from "../../ports/model.ts";
import { ChatCalls } from "./chat-calls.ts";
import { isThinkingIn, spokenIn } from "./content.ts";
import { PassingModelError, throwIfFailed } from "./failure.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Interpreter, StreamStep } from "./model-call.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Reads the chunks of Chat Completions, or the one body that a server sends in their place. */
export function readChat(): Interpreter {
  const calls = new ChatCalls();
  let said = "";
  return {
    read: (event) => {
      const chunk = objectIn(event);
      throwIfFailed(chunk);
      const choice = objectIn(listIn(chunk["choices"])[0]);
      throwIfFailed({ error: choice["error"] });
      const spoken = spokenOf(choice);
      // Some servers repeat all that was said in a message beside, or at the end.
      const text = spoken.isWhole && said !== "" ? "" : spoken.text;
      const { tool_calls: deltas } = spoken.message;
      if (!spoken.isWhole || said === "") calls.add(deltas);
      said += text;
      const end = endOf(textIn(choice["finish_reason"]));
      return {
        text,
        ...(isBusy(spoken.message) ? { isBusy: true } : {}),
        ...(end === undefined ? {} : { end }),
        ...(end === "whole" ? calls.end() : {}),
        ...usageOf(objectIn(chunk["usage"])),
      };
    },
    close: (): StreamStep => ({ end: "whole", ...calls.end() }),
  };
}

interface Spoken {
  readonly message: Fields;
  readonly text: string;
  /** All of the answer at once. */
  readonly isWhole: boolean;
}

/** @throws {ModelError} when the model declines. */
function spokenOf(choice: Fields): Spoken {
  const isWhole = typeof choice["delta"] !== "object" && typeof choice["message"] === "object";
  const message = objectIn(isWhole ? choice["message"] : choice["delta"]);
  if (textIn(message["refusal"]) !== "") throw new ModelError("refused", "The model declined to answer");
  return { message, text: spokenIn(message["content"]) || textIn(choice["text"]), isWhole };
}

/** The model is at work on what people don't read. */
function isBusy({ content, tool_calls: calls, ...message }: Fields): boolean {
  const thoughts = [message["reasoning"], message["reasoning_content"], message["reasoning_text"]];
  return (
    isThinkingIn(content) ||
    thoughts.some((each) => textIn(each) !== "") ||
    listIn(message["reasoning_details"]).length > 0 ||
    listIn(calls).length > 0
  );
}

/** Words of other servers for the same are taken too. An empty one is none. */
function endOf(reason: string): "whole" | "cut" | undefined {
  switch (reason.toLowerCase()) {
    case "":
    case "null":
      return undefined;
    case "length":
    case "max_tokens":
    case "model_length":
      return "cut";
    case "content_filter":
    case "safety":
    case "recitation":
    case "prohibited_content":
    case "sensitive":
      throw new ModelError("refused", "The provider's content filter stopped the answer");
    case "error":
    case "network_error":
    case "abort":
    case "insufficient_system_resource":
      throw new PassingModelError("cut-off", "The provider broke the answer off");
    default:
      return "whole";
  }
}

function usageOf(usage: Fields): { readonly usage?: Usage } {
  const { prompt_tokens: promptTokens, completion_tokens: replyTokens } = usage;
  if (typeof promptTokens !== "number" || typeof replyTokens !== "number") return {};
  const { cached_tokens: cached } = objectIn(usage["prompt_tokens_details"]);
  return { usage: { promptTokens, cachedTokens: typeof cached === "number" ? cached : 0, replyTokens } };
}
