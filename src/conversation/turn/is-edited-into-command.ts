import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { writtenCommands } from "../command/command.ts";
import { parseWrittenCommand } from "../command/parse-command.ts";
import type { AnswerPlan } from "./plan-turn.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * Whether a question was edited into an order. Orders are taken as they are first written: nobody expects a correction to
 * erase something, and the model, which would be asked, could only say that it did.
 */
export function isEditedIntoCommand(
  { commands }: Pick<TurnPorts, "commands">,
  { question, again }: Pick<AnswerPlan, "question" | "again">,
  { messages }: ConversationMemory,
): boolean {
  const { id, author } = question.message;
  const message = messages.find((each) => each.id === id);
  if (message === undefined || author.id !== message.author.id || author.isApp === true) return false;
  const definitions = writtenCommands(commands);
  // An edit does not say which people the message names.
  const addressing = again === undefined ? question.addressing : "direct";
  return parseWrittenCommand({ addressing, message }, definitions) !== undefined;
}
