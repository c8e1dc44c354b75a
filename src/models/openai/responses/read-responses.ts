import { ModelError } from "../../../ports/model.ts";
import { visibleTextIn } from "../api/content.ts";
import { reportedUsage } from "../api/reported-usage.ts";
import { argumentIn } from "../api/call-argument.ts";
import { asList, asObject, asText } from "../../json.ts";
import type { Interpreter, StreamStep } from "../api/model-call.ts";
import { failureIn, throwIfFailed } from "../failure/stated-failure.ts";

type Fields = Readonly<Record<string, unknown>>;

const usageNames = {
  prompt: "input_tokens",
  promptDetails: "input_tokens_details",
  reply: "output_tokens",
  replyDetails: "output_tokens_details",
};

/** Reads the events of the Responses API, or the single response that some servers send instead. */
export function readResponses(): Interpreter {
  return new ResponsesReader();
}

class ResponsesReader implements Interpreter {
  readonly #items: unknown[] = [];
  #said = "";

  read(event: unknown): StreamStep {
    const fields = asObject(event);
    const isResponse = fields["object"] === "response" && fields["type"] === undefined;
    const response = isResponse ? fields : asObject(fields["response"]);
    // The status of a single response names the closing event that a stream would have.
    const type = isResponse ? `response.${asText(fields["status"]) || "completed"}` : asText(fields["type"]);
    switch (type) {
      case "response.output_text.delta":
        return this.#say(visibleTextIn(fields["delta"]));
      case "response.refusal.delta":
        throw new ModelError("refused", "The model declined to answer");
      case "response.output_item.done":
        this.#items.push(fields["item"]);
        return { isBusy: true };
      default:
        if (type.startsWith("response.")) return this.#ending(type, response);
        throwIfFailed(fields);
        return {};
    }
  }

  close(): StreamStep {
    return this.#close("whole", {});
  }

  #ending(type: string, response: Fields): StreamStep {
    switch (type) {
      case "response.completed":
        return this.#close("whole", response);
      case "response.incomplete":
        if (asObject(response["incomplete_details"])["reason"] === "content_filter") {
          throw new ModelError("refused", "The provider's content filter stopped the answer");
        }
        return this.#close("cut", response);
      case "response.failed":
      case "response.cancelled":
        throw failureIn(response["error"]);
      default:
        return type.endsWith(".delta") ? { isBusy: true } : {};
    }
  }

  #say(text: string): StreamStep {
    this.#said += text;
    return { text };
  }

  /** Servers that stream no deltas send the whole text at the end. */
  #close(end: "whole" | "cut", response: Fields): StreamStep {
    const all = asList(response["output"]);
    const output = all.length > this.#items.length ? all : this.#items;
    const text = this.#said === "" ? output.map(visibleTextInItem).join("") : "";
    const called = end === "whole" ? calledIn(output) : {};
    return { text, end, ...called, ...reportedUsage(asObject(response["usage"]), usageNames) };
  }
}

function visibleTextInItem(item: unknown): string {
  const { type, content } = asObject(item);
  return type === "message" ? visibleTextIn(content) : "";
}

function calledIn(output: readonly unknown[]): Pick<StreamStep, "called"> {
  const calls = output.flatMap((item) => {
    const { type, call_id: id, name, arguments: argument } = asObject(item);
    return type === "function_call"
      ? [{ id: asText(id), name: asText(name), argument: argumentIn(argument) }]
      : [];
  });
  return calls.length === 0 ? {} : { called: () => ({ calls, provider: output.filter(canBeGivenBack) }) };
}

/** Without encrypted content the server would look up stored reasoning, and nothing is stored. */
function canBeGivenBack(item: unknown): boolean {
  const { type, encrypted_content: thoughts } = asObject(item);
  return type !== "reasoning" || typeof thoughts === "string";
}
