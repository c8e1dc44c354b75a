import type { CommandDefinition } from "../domain/command.ts";
import type { Inbound, Said } from "../domain/inbound.ts";
import { readArgument } from "./command-argument.ts";

/**
 * Understands `@bot reset`, `@bot summary share`, and `/reset` typed as text: where a platform delivers no slash
 * command (Slack threads), people write it. Anything else is talk: "@bot summary of the film?" is a question.
 */
export function asCommand(inbound: Inbound, commands: readonly CommandDefinition[]): Inbound {
  if (inbound.kind !== "said") return inbound;
  const found = commandIn(inbound, commands);
  if (found === undefined) return inbound;
  return {
    kind: "commanded",
    conversation: inbound.conversation,
    dedupeId: inbound.dedupeId,
    platform: inbound.platform,
    place: inbound.place,
    name: found.name,
    argument: found.argument,
    by: inbound.message.author,
    saidAtMs: inbound.message.saidAtMs,
    message: inbound.message.id,
    replyTo: inbound.replyTo,
  };
}

function commandIn(
  said: Said,
  commands: readonly CommandDefinition[],
): { readonly name: string; readonly argument: string } | undefined {
  const match = /^(?<slash>[/!])?(?<name>[a-z]+)(?:\s+(?<argument>[^]+))?$/iu.exec(said.message.text.trim());
  const name = match?.groups?.["name"]?.toLowerCase();
  const command = commands.find((each) => each.name === name);
  if (match === null || command === undefined) return undefined;
  const isOrder = said.addressing === "mention" || (isForBot(said) && match.groups?.["slash"] !== undefined);
  const argument = (match.groups?.["argument"] ?? "").trim();
  // An order without its text is answered with how it is written.
  const isKnown = argument === "" || readArgument(command, argument) !== undefined;
  return isOrder && isKnown ? { name: command.name, argument } : undefined;
}

function isForBot(said: Said): boolean {
  return said.addressing === "direct" || said.addressing === "reply";
}
