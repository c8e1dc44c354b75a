import { inlineToolResults } from "../../../domain/inline-tool-results.ts";
import type { Prompt, PromptMessage } from "../../../domain/prompt.ts";
import type { RequestFeature } from "../api/request-feature.ts";

/** Stands before the bot's message where a person has to begin. */
const opening = "[What was said before this is left out here.]";
const closing = "[Go on.]";

/** A prompt without what a server refuses. Empty instructions: they stand in the first message. */
export function shapePrompt(prompt: Prompt, leftOut: ReadonlySet<RequestFeature>): Prompt {
  const { tools } = prompt;
  let now = prompt;
  if (leftOut.has("tools")) now = inlineToolResults(now);
  else if (leftOut.has("toolMessages"))
    now = { ...inlineToolResults(now), ...(tools === undefined ? {} : { tools }) };
  if (leftOut.has("systemRole")) now = withInstructionsInside(now);
  return leftOut.has("neighbours") ? { ...now, messages: inTurns(now) } : now;
}

/** Whether messages stand in another order than person, bot, person. */
export function hasAdjacentRoles({ messages, calls = [] }: Prompt): boolean {
  const isInTurns = messages.every(({ role }, index) => role === (index % 2 === 0 ? "person" : "bot"));
  return !isInTurns || (calls.length === 0 && messages.at(-1)?.role === "bot");
}

function withInstructionsInside({ instructions, messages, ...prompt }: Prompt): Prompt {
  const [first, ...rest] = messages;
  const inside: readonly PromptMessage[] =
    first?.role === "person"
      ? [{ role: "person", text: `${instructions}\n\n${first.text}` }, ...rest]
      : [{ role: "person", text: instructions }, ...messages];
  return { ...prompt, instructions: "", messages: inside };
}

/** Person and bot in turns, beginning with a person. Each person's text has its speaker before it, also here. */
function inTurns({ messages, calls = [] }: Prompt): readonly PromptMessage[] {
  const turns: { role: PromptMessage["role"]; texts: string[] }[] = [];
  if (messages[0]?.role === "bot") turns.push({ role: "person", texts: [opening] });
  for (const { role, text } of messages) {
    const last = turns.at(-1);
    if (last?.role === role) last.texts.push(text);
    else turns.push({ role, texts: [text] });
  }
  if (calls.length === 0 && turns.at(-1)?.role === "bot") turns.push({ role: "person", texts: [closing] });
  return turns.map(({ role, texts }) => ({ role, text: texts.join("\n\n") }));
}
