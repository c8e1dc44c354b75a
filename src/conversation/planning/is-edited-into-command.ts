import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { parseWrittenCommand } from "../command/parse-command.ts";
import type { AnswerPlan } from "./plan.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * Whether a question was edited into a command. Such a command does not run, because people don't expect a correction to
 * erase something. It must not reach the model either, which would claim to have done it.
 */
export function isEditedIntoCommand(
  { commands }: Pick<TurnPorts, "commands">,
  { question, again }: Pick<AnswerPlan, "question" | "again">,
  { messages }: ConversationMemory,
): boolean {
  const { id, author } = question.message;
  const message = messages.find((each) => each.id === id);
  if (message === undefined || author.id !== message.author.id || author.isApp === true) return false;
  const definitions = [...commands.values()].flatMap(({ definition, isButtonOnly, isQuestion }) =>
    isButtonOnly === true || isQuestion === true ? [] : [definition],
  );
  // An edit does not say which people the message mentions.
  const addressing = again === undefined ? question.addressing : "direct";
  return parseWrittenCommand({ addressing, message }, definitions) !== undefined;
}
