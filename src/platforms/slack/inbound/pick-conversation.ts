import type { CommandDefinition } from "../../../domain/command.ts";
import type { Inbound, Pressed } from "../../../domain/inbound.ts";
import { commandOfPress } from "../../../domain/offer.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import type { PrivateReplies } from "../outbound/private-replies.ts";
import {
  maxListed,
  picker,
  privateMessage,
  type PendingCommand,
  type PrivateMessage,
} from "../wire/conversation-picker.ts";
import { partsOf, placeKeyOf } from "../wire/keys.ts";
import { outage } from "./notices.ts";

interface Ports {
  readonly commands: readonly CommandDefinition[];
  readonly directory: Pick<Directory, "recent">;
  readonly privateReplies: Pick<PrivateReplies, "showPicker">;
  readonly log: Log;
}

interface Picking {
  readonly place: string;
  readonly command: PendingCommand;
  readonly nowMs: number;
}

/** A picker of a place's recent conversations, or a line about why there is none. Never rejects but with the signal. */
export async function pickConversation(
  { directory, log }: Pick<Ports, "directory" | "log">,
  { place, command, nowMs }: Picking,
  signal: AbortSignal,
): Promise<PrivateMessage> {
  try {
    return picker(command, await directory.recent("slack", place, maxListed, signal), nowMs);
  } catch (error) {
    log.error({ err: error }, "recent conversations could not be listed; check the store");
    return privateMessage(outage);
  }
}

/**
 * Shows the picker for a press that gives a command about a conversation, outside of all conversations: such a button
 * stands under the answer to a slash command. Undefined: another inbound, which is stored.
 */
export function pickForPress(
  ports: Ports,
  inbound: Inbound,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> | undefined {
  if (inbound.kind !== "pressed" || inbound.isOutside !== true) return undefined;
  const command = commandIn(inbound, nowMs);
  const definition = ports.commands.find(({ name }) => name === command?.name);
  if (command === undefined || definition?.scope !== "conversation") return undefined;
  const { place, replyTo } = inbound;
  return pickConversation(ports, { place, command, nowMs }, signal).then((message) =>
    ports.privateReplies.showPicker(replyTo, message),
  );
}

/**
 * The press of an offer's button in a thread that the bot does not know, as one outside of all conversations: the bot offers help
 * in a thread without becoming a part of it. Undefined: another inbound, or a command that was offered about that conversation
 * only, such as the "yes" to a reset.
 */
export function outsideOf(
  inbound: Inbound,
  { commands, nowMs }: Pick<Ports, "commands"> & { readonly nowMs: number },
): Pressed | undefined {
  if (inbound.kind !== "pressed") return undefined;
  const command = commandIn(inbound, nowMs);
  const definition = commands.find(({ name }) => name === command?.name);
  const { threadTs: _, ...target } = inbound.replyTo.target;
  if (command === undefined || definition === undefined || target["picked"] !== undefined) return undefined;
  if (definition.scope === "conversation" && command.argument !== "") return undefined;
  const { team, channel } = partsOf(inbound.conversation);
  const conversation = placeKeyOf(team, channel);
  return { ...inbound, conversation, isOutside: true, replyTo: { ...inbound.replyTo, target } };
}

function commandIn({ action, value = "" }: Pressed, nowMs: number): PendingCommand | undefined {
  return action === "give-command" ? commandOfPress(value, nowMs) : undefined;
}
