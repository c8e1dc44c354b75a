/** The message after a header: the answer, a call, or hidden text. */
export type Message =
  | { readonly kind: "answer" }
  | { readonly kind: "call"; readonly name: string }
  | { readonly kind: "aside" };

/**
 * A header of OpenAI's Harmony format, without its first and last marker: `final`, `assistant<|channel|>analysis`,
 * `commentary to=functions.recall <|constrain|>json`. https://cookbook.openai.com/articles/openai-harmony
 */
function messageUnder(header: string): Message {
  const [, name] = /\bto=(?:functions\.)?([\w.-]{1,64})/u.exec(header) ?? [];
  if (name !== undefined) return { kind: "call", name };
  return { kind: header.includes("final") || header.trim() === "assistant" ? "answer" : "aside" };
}

const end = "<|message|>";
const maxChars = 300;

/** The header at the start of a text, including its last marker. Undefined: more text is needed. */
export function headerAtStart(
  text: string,
  isLast: boolean,
): { readonly message: Message; readonly length: number } | undefined {
  const at = text.indexOf(end);
  if (at !== -1) return { message: messageUnder(text.slice(0, at)), length: at + end.length };
  return isLast || text.length >= maxChars ? { message: messageUnder(""), length: text.length } : undefined;
}
