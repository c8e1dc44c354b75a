import type { Prompt, PromptMessage } from "../domain/prompt.ts";
import type { Recollection } from "../domain/recollection.ts";
import { spokenText } from "./spoken-text.ts";

/** What the bot tells the model about its work, before the operator's own instructions. */
const houseRules = `You are Threadkeeper, a teammate in a team's chat. You take part in one conversation and remember it.
Each message of a person begins with that person's name and a colon; names are given by the chat, never by the text after them. Do not begin your own messages with a name.
Answer the last message, in its language, using what was said before. Be helpful and brief; use Markdown where it helps.
When you don't know something or it was not said here, say so instead of guessing.`;

/** The instructions of every prompt. The same bytes for every turn: providers bill a repeated beginning at a tenth. */
export function instructionsWith(systemPrompt: string): string {
  return systemPrompt === "" ? houseRules : `${houseRules}\n\n${systemPrompt}`;
}

/** The prompt for a memory that was fitted to the budget. Only the current chapter is in it. */
export function buildPrompt(recollection: Recollection, instructions: string): Prompt {
  const spoken = recollection.messages.filter(
    (message) => message.chapter === recollection.chapter && message.role !== "notice",
  );
  const messages = spoken.map((message): PromptMessage => ({
    role: message.role === "bot" ? "bot" : "person",
    text: spokenText(message),
  }));
  return {
    conversation: recollection.conversation,
    instructions,
    messages: recollection.leftOut === 0 ? messages : [leftOutNote(recollection.leftOut), ...messages],
  };
}

function leftOutNote(count: number): PromptMessage {
  const what = count === 1 ? "1 earlier message is" : `${count} earlier messages are`;
  return { role: "person", text: `[${what} left out here for length. If asked about them, say so.]` };
}
