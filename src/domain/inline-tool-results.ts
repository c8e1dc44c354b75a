import type { Prompt, PromptMessage } from "./prompt.ts";

/** A prompt without tools. The results of earlier calls follow the messages as text, because the answer needs them. */
export function inlineToolResults({ tools: _tools, calls = [], ...prompt }: Prompt): Prompt {
  const results = calls.map(({ call, result }): PromptMessage => ({
    role: "person",
    content: `[Looked up with ${call.name} ${call.argument}:\n${result}]`,
  }));
  return { ...prompt, messages: [...prompt.messages, ...results] };
}
