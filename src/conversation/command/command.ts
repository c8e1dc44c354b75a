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
import type { Ids } from "../../ports/ids.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Model } from "../../ports/model.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Platform, TextFile } from "../../ports/platform.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";

import type { CommandArgument } from "./parse-argument.ts";
import type { Need } from "./permission.ts";
import type { Budget } from "../memory/budget.ts";

/** What commands need from outside. */
interface CommandPorts {
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
  readonly archive: Archive;
  readonly archivedConversations: ArchivedConversations;
  readonly erasureRequests: ErasureRequests;
  readonly delayedErasures: DelayedErasures;
  /** How long `forget this` can be undone where others have written. 0: it can't. */
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

/** What a command is given. */
export interface CommandCall {
  readonly ports: CommandPorts;
  readonly command: CommandInbound;
  readonly argument: CommandArgument;
  /** With everything that was said before the command. */
  readonly memory: ConversationMemory;
  /** Asks the model, outside of the conversation. @throws {ModelError} */
  readonly ask: (prompt: Prompt) => Promise<string>;
}

/** What a command leaves. */
export interface CommandResult {
  /** Markdown for the asker, or for everybody when `isShared`. */
  readonly say: string;
  readonly isShared: boolean;
  /** What a shared answer is made from. Missing: nothing that could go. */
  readonly sources?: readonly Source[];
  /** Given to the asker alone, in place of `say`. Missing: none. */
  readonly files?: readonly TextFile[];
  /** `say` asks whether this order is meant: a "yes" of the asker stands for it. Missing: nothing is asked. */
  readonly asks?: { readonly name: string; readonly argument: string };
  /** Buttons for the asker: under `say`, or under the line that it was shown to everybody. Missing: none. */
  readonly offers?: Pick<Offer, "choices" | "orElse">;
  /** Missing: memory stays as it is. */
  readonly memory?: ConversationMemory;
  /** A new one for the conversation. Missing: stays. */
  readonly title?: string;
  /** Everything that is kept of the conversation goes, but for `recollection`. */
  readonly erase?: true;
}

/** An order that may stop what runs before it. */
interface InterruptingCommand {
  readonly argument: CommandArgument;
  /** Without what the run before it will add. */
  readonly before: ConversationMemory;
  /** The Author's id of who gives it. */
  readonly by: string;
  /** The ids of those who have written, also in that run. */
  readonly speakers: ReadonlySet<string>;
  readonly nowMs: number;
}

/** A command and what it does. Each is defined once, for all platforms. */
export interface CommandRunner {
  readonly definition: CommandDefinition;
  /** It stands behind buttons alone: nobody can write it. Missing: it is in menus, and can be written. */
  readonly isOnlyPressed?: true;
  /** Running it again asks nobody and leaves the same: what was announced before a crash is done after it. */
  readonly asksNobody?: true;
  readonly needs: (argument: CommandArgument) => Need;
  /** True: a running answer is stopped instead of waited for, and what was not answered yet goes unanswered. */
  readonly interrupts: boolean;
  /** It changes nothing and may take long: the conversation goes on meanwhile, and Stop ends it. Missing: it doesn't. */
  readonly runsInBackground?: true;
  /** Of one that interrupts: whether this order will change anything. Missing: it always does. */
  readonly changes?: (order: InterruptingCommand) => boolean;
  /** @throws {ModelError}, {LedgerError} when it asks in vain; then nothing has changed. */
  readonly run: (call: CommandCall, signal: AbortSignal) => Promise<CommandResult>;
}

/** What people can write. */
export function writtenCommands(commands: ReadonlyMap<string, CommandRunner>): readonly CommandDefinition[] {
  return [...commands.values()].flatMap(({ definition, isOnlyPressed }) =>
    isOnlyPressed ? [] : [definition],
  );
}
