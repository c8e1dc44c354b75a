import type { CommandDefinition } from "../../domain/command.ts";
import type { CommandInbound } from "../../domain/inbound.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { Offer } from "../../domain/offer.ts";
import type { ConversationMemory, Source } from "../../domain/conversation-memory.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { DelayedErasures } from "../../ports/delayed-erasures.ts";
import type { Directory } from "../../ports/directory.ts";
import type { ErasureRequests } from "../../ports/erasure-requests.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Model } from "../../ports/model.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { PreferenceStore } from "../../ports/preferences.ts";
import type { Platform } from "../../ports/platform.ts";
import type { TextFile } from "../../ports/platform-private-replies.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";

import type { CommandArgument } from "./parse-argument.ts";
import type { Need } from "./permission.ts";
import type { Budget } from "../../domain/budget.ts";

/** The ports that commands use. */
interface CommandPorts {
  readonly inbox: Inbox;
  readonly preferences: Pick<PreferenceStore, "find">;
  readonly files: FileStore;
  readonly memories: Memory;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
  readonly archive: Archive;
  readonly archivedConversations: ArchivedConversations;
  readonly erasureRequests: ErasureRequests;
  readonly delayedErasures: DelayedErasures;
  /** How long `forget this` can be undone in a shared conversation. 0: it can't. */
  readonly forgetUndoHours: number;
  readonly model: Model;
  readonly budget: Budget;
  readonly instructions: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly timeZone: TimeZone;
  readonly ids: Ids;
  readonly log: Log;
}

/** What a command asks the model. */
export type CommandPrompt = Pick<Prompt, "instructions" | "messages">;

/** One call of a command. */
export interface CommandCall {
  readonly ports: CommandPorts;
  readonly command: CommandInbound;
  readonly argument: CommandArgument;
  /** Includes every message before the command. */
  readonly memory: ConversationMemory;
  /** Asks the model, outside of the conversation. The person who gave the command pays. @throws {ModelError} */
  readonly ask: (prompt: CommandPrompt) => Promise<string>;
}

/** The outcome of a command. */
export interface CommandResult {
  /** Markdown for the asker, or for everyone when `isShared`. */
  readonly say: string;
  readonly isShared: boolean;
  /** The messages that a shared answer is derived from. Missing: none. */
  readonly sources?: readonly Source[];
  /** Sent to the asker alone, together with `say`. Missing: none. */
  readonly files?: readonly TextFile[];
  /** The command that `say` asks about: a "yes" from the asker runs it. Missing: `say` is no question. */
  readonly asks?: { readonly name: string; readonly argument: string };
  /** Buttons for the asker, under `say` or under the line that says it was posted for everyone. Missing: none. */
  readonly offers?: Pick<Offer, "choices" | "orElse">;
  /** Missing: unchanged. */
  readonly memory?: ConversationMemory;
  /** The conversation's new title. Missing: unchanged. */
  readonly title?: string;
  /** Erases everything stored of the conversation, except `memory`. */
  readonly erase?: true;
}

/** A command that may interrupt the turn before it. */
interface InterruptingCommand {
  readonly argument: CommandArgument;
  /** Without the changes of the turn that is running. */
  readonly before: ConversationMemory;
  /** The Author's id of the asker. */
  readonly by: string;
  /** The ids of everyone who has written, including in the running turn. */
  readonly speakers: ReadonlySet<string>;
  readonly nowMs: number;
}

/** A command, defined once for all platforms. */
export interface CommandRunner {
  readonly definition: CommandDefinition;
  /** Only buttons and the menus of messages run it. Missing: it is in menus and can be typed. */
  readonly isButtonOnly?: true;
  /** A turn answers it as it answers a question. `run` only says that it can't. Missing: \`run\` answers it. */
  readonly isQuestion?: true;
  /** Idempotent, and never asks the model: after a crash it runs again, even when it was already announced. */
  readonly isRepeatable?: true;
  readonly needs: (argument: CommandArgument) => Need;
  /** True: it stops a running answer, and questions that wait stay unanswered. False: it waits for its turn. */
  readonly interrupts: boolean;
  /** It only reads and may take long: the conversation goes on beside it, and Stop ends it. Missing: it runs as a turn. */
  readonly runsInBackground?: true;
  /** Whether everyone sees the answer to this call. Asked of commands about a place or a person. Missing: never. */
  readonly isPublic?: (argument: CommandArgument) => boolean;
  /** It may ask for a "yes", or close such a question. Missing: neither. */
  readonly mayAskBack?: true;
  /** Whether this call will change anything, for commands that interrupt. Missing: always. */
  readonly changes?: (call: InterruptingCommand) => boolean;
  /** @throws {ModelError}, {ArchiveError}; then nothing has changed. */
  readonly run: (call: CommandCall, signal: AbortSignal) => Promise<CommandResult>;
}

/** The commands that people can type. */
export function writtenCommands(commands: ReadonlyMap<string, CommandRunner>): readonly CommandDefinition[] {
  return [...commands.values()].flatMap(({ definition, isButtonOnly }) => (isButtonOnly ? [] : [definition]));
}
