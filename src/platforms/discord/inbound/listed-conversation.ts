import type { APIInteraction, Client } from "discord.js";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import type { Directory } from "../../../ports/directory.ts";
import { showCommand } from "../../../domain/offer.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { pickedName, threadOf } from "../outbound/conversation-picker.ts";
import { acknowledged, privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { acceptCommand, type AcceptCommandPorts, type ChosenCommand } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";

export interface ListedCommandPorts extends AcceptCommandPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly directory: Directory;
}

const gone = "That conversation was deleted.";

interface ListedCommand {
  /** The end of the conversation's key. */
  readonly topic: string;
  readonly chosen: ChosenCommand;
  /** The first response once the command is stored. */
  readonly response: FirstResponse;
}

/**
 * Accepts a command for a conversation that is listed in the interaction's channel. A private answer may also begin one, when its
 * person shows it to everyone: it then stands in the channel.
 */
export async function acceptForListed(
  ports: ListedCommandPorts,
  interaction: APIInteraction,
  { topic, chosen, response }: ListedCommand,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const room = roomOfInteraction(ports.client, interaction);
  const to = conversationOf({ ...room, channel: topic });
  // The picker may be old, and many conversations newer, so the list of recent ones is not enough.
  const entry = await raceAbort(ports.directory.entry(to, signal), signal);
  const begins = entry === undefined && chosen.command.name === showCommand && room.kind === "channel";
  if (!begins && (entry?.place !== room.place || to === conversationOf(room))) return privateResponse(gone);
  const isThread = entry !== undefined && (await hasThread(ports, threadOf(entry), signal));
  const context = {
    ...(entry === undefined
      ? { room }
      : { room: roomFor(room, entry, isThread), picked: pickedName(entry, isThread) }),
    to,
    ...commandAuthor(interaction, isThread ? "thread" : "channel"),
  };
  const acceptance = await acceptCommand(ports, interaction, { chosen, context }, signal);
  // A second press, or the same press in another replica: the first response stays.
  if (acceptance === "duplicate") return chosen.offer === undefined ? undefined : acknowledged;
  return acceptance === "stored" ? response : privateResponse(gone);
}

/** Where public output belongs: in the conversation's thread, else in its channel, not where the person picked it. */
function roomFor(room: Room, entry: DirectoryEntry, isThread: boolean): Room {
  if (isThread) return { ...room, kind: "thread", channel: threadOf(entry) };
  const channel = entry.place.slice(entry.place.indexOf(":") + 1);
  return { ...room, kind: "channel", channel };
}

/** Asks Discord about threads that the gateway has not announced, such as archived ones. */
async function hasThread(
  { client, api }: Pick<ListedCommandPorts, "client" | "api">,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const known = client.channels.cache.get(id);
  if (known !== undefined) return known.isThread();
  try {
    await api.channel(id, signal);
    return true;
  } catch (error) {
    if (error instanceof PlatformError && !error.isPassing) return false;
    throw error;
  }
}
