import type { Action } from "../../domain/action.ts";
import type { CommandDefinition } from "../../domain/command.ts";
import { replyActions, type ShownReply } from "../../domain/reply-actions.ts";
import type { CommandRunner } from "../command/command.ts";

/** The same for every answer. */
const menus = new WeakMap<KnownCommands, readonly Action[]>();

/** The commands of the bot, by name. */
export type KnownCommands = ReadonlyMap<string, Pick<CommandRunner, "definition">>;

/**
 * Commands that need no argument, in the order of the menu. At most five: Slack's menus hold no more. A select would have
 * room, but it keeps showing the last choice and can't be used twice for the same.
 * https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element
 */
const offered = ["reset", "summary", "memory", "forget this", "export"];

/** What people can press under the last post of a reply: its own buttons, and the menu of its conversation. */
export function answerActions(commands: KnownCommands, reply: ShownReply): readonly Action[] {
  return [...replyActions(reply), ...menuOf(commands)];
}

/** What people can do with the conversation. Commands that the bot does not have are left out. */
function menuOf(commands: KnownCommands): readonly Action[] {
  const known = menus.get(commands);
  if (known !== undefined) return known;
  const lines = offered.filter((line) => isKnown(line, commands)).map(toAction);
  menus.set(commands, lines);
  return lines;
}

function isKnown(line: string, commands: KnownCommands): boolean {
  const [name = "", word] = line.split(" ", 2);
  const definition: CommandDefinition | undefined = commands.get(name)?.definition;
  if (definition === undefined) return false;
  return word === undefined || definition.options.some((option) => option.word === word);
}

function toAction(line: string): Action {
  const label = `${line.slice(0, 1).toUpperCase()}${line.slice(1)}`;
  return { id: "give-command", label, style: "menu", value: line };
}
