import type { CommandDefinition } from "../../domain/command.ts";
import type { CommandInbound } from "../../domain/inbound.ts";
import { cancelChoice } from "../../domain/offer.ts";
import { writtenCommands, type CommandResult } from "../command/command.ts";
import { usageOf } from "../command/parse-argument.ts";
import { similarCommand } from "../command/similar-command.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** The answer to a mistyped command, which never runs as a guess: the bot asks, and a "yes" runs it. */
export function mistypedCommand(
  { commands }: Pick<TurnPorts, "commands">,
  command: CommandInbound,
  definition: CommandDefinition | undefined,
): CommandResult {
  const definitions = writtenCommands(commands);
  const nearest = similarCommand(command, definitions);
  if (nearest === undefined) {
    const say =
      definition === undefined
        ? `I don't know the command \`/${command.name}\`. \`help\` lists what I can do.`
        : hintFor(definition, command.argument);
    return { say, isShared: false };
  }
  const [name = "", ...words] = nearest.split(" ");
  const usage = definition === undefined ? "" : `\n${hintFor(definition, command.argument)}`;
  const asks = { name, argument: words.join(" ") };
  return {
    say: `Did you mean \`${nearest}\`? Nothing has been done yet.${usage}`,
    isShared: false,
    asks,
    offers: {
      choices: [{ label: `Yes, ${nearest}`, ...asks }, cancelChoice],
      orElse: "Reply `yes`, or write it again.",
    },
  };
}

function hintFor(definition: CommandDefinition, argument: string): string {
  const { name, options, text } = definition;
  if (argument === "" && text?.whenMissing !== undefined) return text.whenMissing;
  const typed = argument.length <= 100 ? argument : `${argument.slice(0, 100).toWellFormed()}…`;
  const what =
    argument === "" ? `\`/${name}\` needs something after it.` : `\`/${name}\` doesn't know “${typed}”.`;
  const words = options.map(({ word, description }) => `\n- \`${word}\`: ${description}`);
  const free = text === undefined ? "" : `\n- ${text.name}: ${text.description}`;
  const takes =
    words.length === 0 && free === ""
      ? " It takes no options."
      : ` Use it like this: ${usageOf(definition)}.`;
  return `${what}${takes}${free}${words.join("")}`;
}
