import type { APIChatInputApplicationCommandInteraction, APIInteraction } from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { DirectoryEntry } from "../../../domain/conversation.ts";
import type { Directory } from "../../../ports/directory.ts";
import { conversationOf, threadName, type Room } from "../api/channels.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { namesFor } from "../api/user-names.ts";
import { pickerResponse, threadOf, type PickedCommand } from "../outbound/conversation-picker.ts";
import { toPlainText } from "../text/markdown-to-text.ts";
import { privateResponse, thinking, type FirstResponse } from "../wire/first-response.ts";
import { toArgument } from "./command-argument.ts";
import { acceptCommand } from "./interaction-command.ts";
import { commandAuthor, rightsOf, roomOfInteraction } from "./interaction-facts.ts";
import type { ListedCommandPorts } from "./listed-conversation.ts";

export interface SlashCommandPorts extends ListedCommandPorts {
  readonly retryQueue: RetryQueue;
  readonly commands: readonly CommandDefinition[];
}

const queueWaitMs = 500;
const maxOffered = 10;
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
  if (needsPicker(ports, room, name)) return showPicker(ports, interaction, command, signal);
  await waitForEarlierMessages(ports, room.channel);
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const context = { room, to: conversationOf(room), ...author };
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
  { client, directory, clock }: Pick<SlashCommandPorts, "client" | "directory" | "clock">,
  interaction: APIInteraction,
  command: PickedCommand,
  signal: AbortSignal,
): Promise<FirstResponse> {
  // Titles quote messages.
  if (rightsOf(interaction, "channel")?.includes("read") === false) return privateResponse(noHistory);
  const room = roomOfInteraction(client, interaction);
  const entries = (await recentEntries(directory, room, maxOffered + 1, signal)).slice(0, maxOffered);
  // People know a thread by the name that it has there.
  const named = entries.map((entry) =>
    Object.assign({}, entry, { title: threadName(client, threadOf(entry)) ?? entry.title }),
  );
  return pickerResponse(command, named, clock.nowMs());
}

/** Without the conversation of the channel itself, which is listed in it for a moment. */
async function recentEntries(
  directory: Directory,
  room: Room,
  limit: number,
  signal: AbortSignal,
): Promise<readonly DirectoryEntry[]> {
  const entries = await raceAbort(directory.recent("discord", room.place, limit, signal), signal);
  return entries.filter(({ conversation }) => conversation !== conversationOf(room));
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
