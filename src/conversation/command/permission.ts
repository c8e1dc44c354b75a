import type { CommandInbound } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Right } from "../../domain/rights.ts";
import { PlatformError, type Platform } from "../../ports/platform.ts";
import type { Log } from "../../ports/log.ts";
import { peopleIn } from "../../domain/people-in.ts";

/**
 * What a command takes. `read`: its answer shows what was said. `write`: it shows something to everybody.
 * `own`: it changes what others said, which takes having written there, or the right to delete what others wrote.
 */
export type Need = "nothing" | "read" | "write" | "own";

/** Who orders what, where. */
interface Asking {
  readonly command: CommandInbound;
  readonly need: Need;
  /** Of the conversation that the command is about. */
  readonly memory: ConversationMemory;
}

const refusals: Readonly<Record<Right, string>> = {
  read: "You can't read the message history here, so I can't show it to you.",
  write: "You can't post here, so I can't do that for you.",
  moderate:
    "Only people who have written in this conversation, or who may delete messages here, can do that.",
};

const unclear = "I can't check right now whether you may do that here. Please try again in a minute.";

/** Why a person may not have this done, for that person. Undefined: they may. What can't be found out is a no. */
export async function refusalOf(
  ports: { readonly platform: Platform; readonly log: Log },
  asking: Asking,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    for (const right of rightsFor(asking)) {
      if (!(await has(ports.platform, asking, right, signal))) return refusals[right];
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    ports.log.warn(
      { err: error, command: asking.command.name },
      "the rights of a person could not be checked",
    );
    return unclear;
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

/** Whether what was said is also theirs. Where nobody has written, nothing is anybody's. */
function isAmongSpeakers(memory: ConversationMemory, person: string): boolean {
  const speakers = speakersOf(memory);
  return speakers.length === 0 || speakers.includes(person);
}

/** Whether nobody else has written there. */
export function isOnlySpeaker(memory: ConversationMemory, person: string): boolean {
  return speakersOf(memory).every((id) => id === person);
}

/** Also of what is forgotten and can be brought back. */
function speakersOf({ speakers, erasing }: ConversationMemory): readonly string[] {
  return peopleIn([...(erasing?.speakers ?? []), ...speakers]);
}

async function has(
  platform: Platform,
  { command, memory }: Asking,
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
