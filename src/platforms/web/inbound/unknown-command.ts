import type { CommandDefinition } from "../../../domain/command.ts";
import type { ActionId } from "../../../domain/inbound.ts";
import { cancelChoice, commandOfPress } from "../../../domain/offer.ts";
import type { ClientFrame } from "../wire/protocol.ts";

/** The action of a press that gives a command. */
export const giveCommand: ActionId = "give-command";

/** The command that a frame gives, if the bot does not have it. */
export function unknownCommandIn(
  frame: ClientFrame,
  commands: readonly CommandDefinition[],
): { readonly id: string; readonly name: string } | undefined {
  if (frame.type !== "command" && !isCommandPress(frame)) return undefined;
  const name = frame.type === "command" ? frame.name : commandOfPress(frame.value ?? "", 0)?.name;
  const isKnown = name === cancelChoice.name || commands.some((each) => each.name === name);
  // A press whose value can't be read changes nothing.
  return name === undefined || isKnown ? undefined : { id: frame.id, name };
}

function isCommandPress(frame: ClientFrame): frame is Extract<ClientFrame, { readonly type: "press" }> {
  return frame.type === "press" && frame.action === giveCommand;
}
