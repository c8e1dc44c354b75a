import type { APIInteraction, Client } from "discord.js";

import { raceAbort } from "../../../async/race-abort.ts";
import type { DirectoryEntry } from "../../../domain/conversation.ts";
import type { Directory } from "../../../ports/directory.ts";
import { conversationOf, threadName, type Room } from "../api/channels.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { optionText, type OptionValues } from "./command-argument.ts";
import { rightsOf } from "./interaction-facts.ts";

/** The option by which a command takes one of its channel's conversations. */
export const conversationOption = {
  name: "conversation",
  description: "which conversation of this channel",
  maxLength: 200,
} as const;

/** What a person may have typed instead of choosing: a mention of a thread, or a link to it or into it. */
const threadPattern =
  /^(?:<#(\d{1,20})>|https:\/\/[\w.]{1,40}\/channels\/\d{1,20}\/(\d{1,20})(?:\/\d{0,20})?|(\d{15,20}))$/u;
/** Read from the store in one call, for each keystroke too. */
const maxSearched = 100;

interface ListPorts {
  readonly client: Client;
  readonly directory: Directory;
}

/** What was chosen or typed. Undefined: nothing. */
export function givenConversation(given: OptionValues | undefined): string | undefined {
  const text = optionText(given, conversationOption.name);
  return text === "" ? undefined : text;
}

/** Whether the person may see the titles of a room's conversations, which quote messages. */
export function maySeeTitles(interaction: APIInteraction): boolean {
  return rightsOf(interaction, "channel")?.includes("read") !== false;
}

/** The newest conversations listed in a room, at most 100, without the one of the room itself. */
export async function conversationsIn(
  { client, directory }: ListPorts,
  room: Room,
  signal: AbortSignal,
): Promise<readonly DirectoryEntry[]> {
  const entries = await raceAbort(directory.recent("discord", room.place, maxSearched, signal), signal);
  // A channel is listed in itself for a moment.
  const here = new Set([conversationOf(room), `discord:${room.place}`]);
  const others = entries.filter(({ conversation }) => !here.has(conversation));
  // People know a thread by the name that it has there.
  return others.map((entry) =>
    Object.assign({}, entry, { title: threadName(client, threadOf(entry)) ?? entry.title }),
  );
}

/** Those of a room's newest conversations that a typed text may mean. Several: it says too little. */
export async function findConversations(
  ports: ListPorts,
  room: Room,
  typed: string,
  signal: AbortSignal,
): Promise<readonly DirectoryEntry[]> {
  const entries = await conversationsIn(ports, room, signal);
  const exact = entries.filter(({ title }) => title.toLowerCase() === typed.toLowerCase());
  return exact.length > 0 ? exact : matching(entries, typed);
}

/** The entries whose title contains the text, in any case. */
export function matching(entries: readonly DirectoryEntry[], typed: string): readonly DirectoryEntry[] {
  const thread = threadIn(typed);
  const words = typed.trim().toLowerCase();
  return entries.filter((entry) => entry.title.toLowerCase().includes(words) || threadOf(entry) === thread);
}

/** The end of a conversation's key, if the text is one, a mention or a link. */
export function threadIn(typed: string): string | undefined {
  return threadPattern
    .exec(typed.trim())
    ?.slice(1)
    .find((id) => id !== undefined);
}
