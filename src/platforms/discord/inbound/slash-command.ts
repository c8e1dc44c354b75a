import type { APIChatInputApplicationCommandInteraction, APIInteraction } from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { namesFor } from "../api/user-names.ts";
import { pickerResponse, threadOf, type PickedCommand } from "../outbound/conversation-picker.ts";
import { toPlainText } from "../text/markdown-to-text.ts";
import { privateResponse, thinking, type FirstResponse } from "../wire/first-response.ts";
import { toArgument } from "./command-argument.ts";
import { acceptCommand } from "./interaction-command.ts";
import {
  conversationsIn,
  findConversations,
  givenConversation,
  maySeeTitles,
  threadIn,
} from "./conversation-option.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";
import { acceptForListed, type ListedCommandPorts } from "./listed-conversation.ts";
import { privateQuestion } from "./message-menus.ts";

export interface SlashCommandPorts extends ListedCommandPorts {
  readonly retryQueue: RetryQueue;
  readonly commands: readonly CommandDefinition[];
}

const queueWaitMs = 500;
const maxOffered = 10;
const onlyThisOne = "In a DM there is only this one conversation. Use the command without `conversation`.";
const noSuchConversation = "I don't know a conversation with that name here. Choose one from the list.";
const noHistory = "You can't read the message history here, so I can't show you its conversations.";

/** In a plain channel it shows a picker if the command concerns one of its conversations. Undefined: another replica responds. */
export async function respondToSlashCommand(
  ports: SlashCommandPorts,
  interaction: APIChatInputApplicationCommandInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const { client, commands } = ports;
  const { name, options } = interaction.data;
  const definition = commands.find((each) => each.name === name);
  const names = namesFor(client, interaction);
  const command = { name, argument: toPlainText(toArgument(definition, options), names) };
  const room = roomOfInteraction(client, interaction);
  const given = givenConversation(options);
  if (given !== undefined && threadIn(given) !== room.channel)
    return respondForGiven(ports, interaction, { command, room, given }, signal);
  if (needsPicker(ports, room, name)) return showPicker(ports, interaction, command, signal);
  await waitForEarlierMessages(ports, room.channel);
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const apart = name === privateQuestion.name ? { isApart: true as const } : {};
  const context = { room, to: conversationOf(room), ...author, ...apart };
  const acceptance = await acceptCommand(ports, interaction, { chosen: { command }, context }, signal);
  if (acceptance === "duplicate") return undefined;
  return acceptance === "stored" ? thinking : privateResponse("Nothing here yet.");
}

/** Whether a command concerns a conversation that its room can't tell. */
export function needsPicker(
  { commands }: Pick<SlashCommandPorts, "commands">,
  { kind }: Room,
  command: string,
): boolean {
  const { scope = "conversation" } = commands.find(({ name }) => name === command) ?? {};
  return kind === "channel" && scope === "conversation";
}

/** A menu of the channel's conversations. */
export async function showPicker(
  ports: Pick<SlashCommandPorts, "client" | "directory" | "clock">,
  interaction: APIInteraction,
  command: PickedCommand,
  signal: AbortSignal,
): Promise<FirstResponse> {
  if (!maySeeTitles(interaction)) return privateResponse(noHistory);
  const entries = await conversationsIn(ports, roomOfInteraction(ports.client, interaction), signal);
  return pickerResponse(command, entries.slice(0, maxOffered), ports.clock.nowMs());
}

interface GivenConversation {
  readonly command: PickedCommand;
  readonly room: Room;
  /** As it was chosen or typed. */
  readonly given: string;
}

/** The command is for another conversation of the channel. What was typed by hand may mean several: they are offered. */
async function respondForGiven(
  ports: SlashCommandPorts,
  interaction: APIChatInputApplicationCommandInteraction,
  { command, room, given }: GivenConversation,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  if (room.kind === "direct") return privateResponse(onlyThisOne);
  if (!maySeeTitles(interaction)) return privateResponse(noHistory);
  const chosen = { command };
  const listed = { chosen, response: thinking };
  const topic = threadIn(given);
  if (topic !== undefined) return acceptForListed(ports, interaction, { topic, ...listed }, signal);
  const found = await findConversations(ports, room, given, signal);
  const [only] = found;
  if (only === undefined) return privateResponse(noSuchConversation);
  if (found.length > 1) return pickerResponse(command, found.slice(0, maxOffered), ports.clock.nowMs());
  return acceptForListed(ports, interaction, { topic: threadOf(only), ...listed }, signal);
}

/** Messages written before the command are stored before it, unless the store is in trouble. */
async function waitForEarlierMessages(
  { retryQueue, clock }: SlashCommandPorts,
  channel: string,
): Promise<void> {
  const done = new AbortController();
  const timeout = clock.sleep(queueWaitMs, done.signal).catch(() => undefined);
  await Promise.race([retryQueue.idle(channel), timeout]);
  done.abort();
}
