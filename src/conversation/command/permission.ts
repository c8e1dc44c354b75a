import type { CommandInbound } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Right } from "../../domain/rights.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Log } from "../../ports/log.ts";
import { peopleIn } from "../../domain/people-in.ts";

/**
 * The right that a command needs. `read`: its answer shows messages. `write`: everyone sees its answer. `own`: it affects
 * other people's messages, so the asker must have written there, or must be allowed to delete messages there.
 */
export type Need = "nothing" | "read" | "write" | "own";

/** A person who asks for something in a conversation. */
interface Asker {
  readonly command: Pick<CommandInbound, "rights" | "by" | "conversation" | "place" | "message">;
  /** The memory of that conversation. */
  readonly memory: ConversationMemory;
}

/** A command whose permission is checked. */
interface Asking {
  readonly command: CommandInbound;
  readonly need: Need;
  /** The memory of the conversation that the command is about. */
  readonly memory: ConversationMemory;
}

/** A person may not write there. */
export const cantWrite = "You can't post here, so I can't do that for you.";

const refusals: Readonly<Record<Right, string>> = {
  read: "You can't read the message history here, so I can't show it to you.",
  write: cantWrite,
  moderate:
    "Only people who have written in this conversation, or who may delete messages here, can do that.",
};

/** A person's rights can't be checked. */
export const unclearRights =
  "I can't check right now whether you may do that here. Please try again in a minute.";

/** The refusal that the asker reads. Undefined: allowed. A right that can't be checked counts as missing. */
export async function refusalOf(
  ports: { readonly platform: Platform; readonly log: Log },
  asking: Asking,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    for (const right of rightsFor(asking)) {
      if (!(await hasRight(ports.platform, asking, right, signal))) return refusals[right];
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    ports.log.warn(
      { err: error, command: asking.command.name },
      "could not check a person's rights; their command was refused",
    );
    return unclearRights;
  }
}

function rightsFor({ command, need, memory }: Asking): readonly Right[] {
  switch (need) {
    case "nothing":
      return [];
    case "read":
      return ["read"];
    case "write":
      return ["read", "write"];
    case "own":
      return isAmongSpeakers(memory, command.by.id) ? ["write"] : ["write", "moderate"];
  }
}

/** Whether the person has written in the conversation. True while it is empty. */
function isAmongSpeakers(memory: ConversationMemory, person: string): boolean {
  const speakers = speakersOf(memory);
  return speakers.length === 0 || speakers.includes(person);
}

/** Whether the person is the only one who has written in the conversation. */
export function isOnlySpeaker(memory: ConversationMemory, person: string): boolean {
  return speakersOf(memory).every((id) => id === person);
}

/** Includes the speakers of a deleted conversation that can still be brought back. */
function speakersOf({ speakers, erasing }: ConversationMemory): readonly string[] {
  return peopleIn([...(erasing?.speakers ?? []), ...speakers]);
}

/** Whether the person has a right there. @throws {PlatformError} if that can't be checked. */
export async function hasRight(
  platform: Platform,
  { command, memory }: Asker,
  right: Right,
  signal: AbortSignal,
): Promise<boolean> {
  const { rights, by, conversation, place, message } = command;
  if (rights !== undefined) return rights.includes(right);
  if (platform.hasRight === undefined) return right !== "moderate";
  const isSpeaker = memory.speakers.some(({ id }) => id === by.id);
  const where = { conversation, place, hasWritten: message !== undefined, isSpeaker };
  return platform.hasRight(by.id, right, where, signal);
}
