import { joinContents, type Content } from "../../../domain/content.ts";
import { inlineToolResults } from "../../../domain/inline-tool-results.ts";
import type { Prompt, PromptMessage } from "../../../domain/prompt.ts";
import type { RequestFeature } from "../api/request-feature.ts";
import { withoutImages } from "./shown-images.ts";

/** Precedes the bot's message when a user message has to come first. */
const opening = "[What was said before this is left out here.]";
const closing = "[Go on.]";

/** A prompt without the features that a server rejects. Empty instructions: they are in the first message. */
export function shapePrompt(prompt: Prompt, omitted: ReadonlySet<RequestFeature>): Prompt {
  const { tools } = prompt;
  let now = omitted.has("images") ? withoutImages(prompt) : prompt;
  if (omitted.has("tools")) now = inlineToolResults(now);
  else if (omitted.has("toolMessages"))
    now = { ...inlineToolResults(now), ...(tools === undefined ? {} : { tools }) };
  if (omitted.has("systemRole")) now = moveInstructions(now);
  return omitted.has("neighbours") ? { ...now, messages: alternate(now) } : now;
}

/** Whether the messages do not alternate between person and bot, beginning with a person. */
export function hasAdjacentRoles({ messages, calls = [] }: Prompt): boolean {
  const isAlternating = messages.every(({ role }, index) => role === (index % 2 === 0 ? "person" : "bot"));
  return !isAlternating || (calls.length === 0 && messages.at(-1)?.role === "bot");
}

function moveInstructions({ instructions, messages, ...prompt }: Prompt): Prompt {
  const [first, ...rest] = messages;
  const inside: readonly PromptMessage[] =
    first?.role === "person"
      ? [{ role: "person", content: joinContents([instructions, first.content], "\n\n") }, ...rest]
      : [{ role: "person", content: instructions }, ...messages];
  return { ...prompt, instructions: "", messages: inside };
}

/** Joins messages so that person and bot alternate, beginning with a person. Each content keeps its speaker's name. */
function alternate({ messages, calls = [] }: Prompt): readonly PromptMessage[] {
  const turns: { role: PromptMessage["role"]; contents: Content[] }[] = [];
  if (messages[0]?.role === "bot") turns.push({ role: "person", contents: [opening] });
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    if (last?.role === role) last.contents.push(content);
    else turns.push({ role, contents: [content] });
  }
  if (calls.length === 0 && turns.at(-1)?.role === "bot") turns.push({ role: "person", contents: [closing] });
  return turns.map(({ role, contents }) => ({ role, content: joinContents(contents, "\n\n") }));
}
