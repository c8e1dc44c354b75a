import type { APIInteraction, Client } from "discord.js";

import type { Directory } from "../../../ports/directory.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { conversationOf } from "../api/channels.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { pickedName, threadOf } from "../outbound/conversation-picker.ts";
import { acknowledged, oneMoment, privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { acceptCommand, type AcceptCommandPorts, type ChosenCommand } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";

export interface ListedCommandPorts extends AcceptCommandPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly directory: Directory;
}

const gone = "That conversation was deleted.";

/** Accepts a command for a conversation that is listed in the interaction's channel. `topic`: the end of its key. */
export async function acceptForListed(
  ports: ListedCommandPorts,
  interaction: APIInteraction,
  { topic, chosen }: { readonly topic: string; readonly chosen: ChosenCommand },
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const room = roomOfInteraction(ports.client, interaction);
  const to = conversationOf({ ...room, channel: topic });
  // The picker may be old, and many conversations newer, so the list of recent ones is not enough.
  const entry = await raceAbort(ports.directory.entry(to, signal), signal);
  if (entry?.place !== room.place || to === conversationOf(room)) return privateResponse(gone);
  const isThread = await hasThread(ports, threadOf(entry), signal);
  const context = {
    // Public output belongs in the thread, not in the channel where the person picked it.
    room: isThread ? { ...room, channel: threadOf(entry) } : room,
    to,
    picked: pickedName(entry, isThread),
    ...commandAuthor(interaction, isThread ? "thread" : "channel"),
  };
  const acceptance = await acceptCommand(ports, interaction, { chosen, context }, signal);
  // A second press, or the same press in another replica: the first response stays.
  if (acceptance === "duplicate") return chosen.offer === undefined ? undefined : acknowledged;
  return acceptance === "stored" ? oneMoment : privateResponse(gone);
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
