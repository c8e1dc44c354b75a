import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { ToolDefinition } from "../../domain/prompt.ts";
import type { Step } from "../../domain/post.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { CitedMessage } from "../../domain/tool-round.ts";
import type { Archive } from "../../ports/archive.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DelayedErasures } from "../../ports/delayed-erasures.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Platform } from "../../ports/platform.ts";

/** The ports that tools use. */
export interface ToolPorts {
  readonly archive: Archive;
  readonly archivedConversations: ArchivedConversations;
  readonly archivedMarks: ArchivedMarks;
  readonly delayedErasures: DelayedErasures;
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly outbox: Outbox;
  /** Of the conversation. */
  readonly platform: Platform;
  readonly clock: Clock;
  readonly timeZone: TimeZone;
  readonly log: Log;
}

/** The turn for which a tool is called. */
export interface ToolContext {
  readonly ports: ToolPorts;
  /** Ends with the question. */
  readonly memory: ConversationMemory;
  /** Tells people what the call does, where the platform shows such steps. */
  readonly showStep: (step: Step) => void;
  /**
   * Notes that the result quotes a message, and returns its number, which the model may cite. The same message keeps its
   * number in all results of the turn. The answer goes when a message that it rests on goes.
   */
  readonly cite: (message: CitedMessage) => number;
}

/** What a tool tells the model. */
export interface ToolResult {
  readonly text: string;
  /** The text says why the call failed. */
  readonly isFailure?: true;
}

/** The fields that the model gave; not checked. */
export type ToolArguments = Readonly<Record<string, unknown>>;

/** Something that the model can use while it answers. */
export interface Tool {
  readonly definition: ToolDefinition;
  /**
   * A call is carried out once, and its result is kept until the turn ends. After a crash in the middle of a call it is
   * carried out again. An error becomes a result that tells the model of a failure.
   * @throws {StoreError}, {MemoryError} when the turn has to wait for the stores, or the signal's reason.
   */
  readonly run: (args: ToolArguments, context: ToolContext, signal: AbortSignal) => Promise<ToolResult>;
}
