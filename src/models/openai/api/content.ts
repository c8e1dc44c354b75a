import { ModelError } from "../../../ports/model.ts";
import { asList, asObject, asText } from "../../json.ts";

/** Kinds of parts that people are to read; some servers name none. */
const spoken: ReadonlySet<unknown> = new Set(["text", "output_text", undefined]);

/**
 * What people are to read of a content: a text, a part, or a list of parts. Thoughts and whatever else a part may be are
 * left out. @throws {ModelError} for a part in which the model declines.
 */
export function visibleTextIn(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? asList(content) : [content];
  return parts.map(spokenInPart).join("");
}

/** Whether the model thinks there, where nobody is to read it. */
export function isThinkingIn(content: unknown): boolean {
  return asList(content).some((part) => {
    const { type, thought } = asObject(part);
    return thought === true || type === "thinking" || type === "reasoning";
  });
}

function spokenInPart(part: unknown): string {
  if (typeof part === "string") return part;
  const { type, text, refusal, thought } = asObject(part);
  if (thought === true) return "";
  if (type === "refusal" && asText(refusal) !== "") {
    throw new ModelError("refused", "The model declined to answer");
  }
  // `{ value }` is how OpenAI's Assistants write a text.
  return spoken.has(type) ? asText(text) || asText(asObject(text)["value"]) : "";
}
