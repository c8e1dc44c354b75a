import { ModelError } from "../../../ports/model.ts";
import { asList, asObject, asText } from "../../json.ts";

/** Types of parts that people read. Some servers send no type. */
const visible: ReadonlySet<unknown> = new Set(["text", "output_text", undefined]);

/**
 * The visible text of a content: a text, a part, or a list of parts. Reasoning and unknown parts are left out.
 * @throws {ModelError} for a refusal.
 */
export function visibleTextIn(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? asList(content) : [content];
  return parts.map(visibleTextInPart).join("");
}

/** Whether the content contains reasoning. */
export function isThinkingIn(content: unknown): boolean {
  return asList(content).some((part) => {
    const { type, thought } = asObject(part);
    return thought === true || type === "thinking" || type === "reasoning";
  });
}

function visibleTextInPart(part: unknown): string {
  if (typeof part === "string") return part;
  const { type, text, refusal, thought } = asObject(part);
  if (thought === true) return "";
  if (type === "refusal" && asText(refusal) !== "") {
    throw new ModelError("refused", "The model declined to answer");
  }
  // OpenAI's Assistants write a text as `{ value }`.
  return visible.has(type) ? asText(text) || asText(asObject(text)["value"]) : "";
}
