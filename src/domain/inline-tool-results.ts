import type { Prompt, PromptMessage } from "./prompt.ts";

/** A prompt without anything to call. What was called before stands at the end in words: it is what the answer needs. */
export function inlineToolResults({ tools: _tools, calls = [], ...prompt }: Prompt): Prompt {
  const results = calls.map(({ call, result }): PromptMessage => ({
    role: "person",
    text: `[Looked up with ${call.name} ${call.argument}:\n${result}]`,
  }));
  return { ...prompt, messages: [...prompt.messages, ...results] };
}
