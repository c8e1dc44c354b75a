import { saidIn } from "../../domain/file-texts.ts";
import type { Said } from "../../domain/inbound.ts";
import type { Message } from "../../domain/message.ts";
import type { CommandRunner } from "../command/command.ts";
import { parseWrittenCommand } from "../command/parse-command.ts";

/** "Imagine we had a million users" is a question. */
const isAboutIdeas =
  /^(?:if|that|you|you're|your|we|we're|i|i'm|he|she|it|they|there|what|how|why|being|having|a world|the following)(?![\p{L}\p{N}'’])|\?\s*$/iu;

/** A question, as memory has it. */
interface Asked {
  readonly message: Pick<Message, "text" | "attachments">;
  readonly addressing: Said["addressing"];
}

/**
 * What the image shows that a question orders: `@bot imagine a fox`, `/imagine a fox`. Empty: it does not say. Undefined: the
 * question orders none. `commands`: without the command there, no question does.
 */
export function orderedImage(
  commands: ReadonlyMap<string, CommandRunner>,
  { message, addressing }: Asked,
  botName: string | undefined,
): string | undefined {
  const definitions = [...commands.values()].flatMap(({ isQuestion, definition }) =>
    isQuestion === true ? [definition] : [],
  );
  if (definitions.length === 0) return undefined;
  const text = saidIn(message).trim();
  const order = parseWrittenCommand({ addressing, message: { ...message, text } }, definitions, botName);
  if (order === undefined) return undefined;
  const isTyped = !/^[/!／]/u.test(text);
  return isTyped && isAboutIdeas.test(order.argument) ? undefined : order.argument;
}
