import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { MessageId, TurnId } from "../../domain/message.ts";
import type { Payer, ToolDefinition } from "../../domain/prompt.ts";
import type { PostFile, Step } from "../../domain/post.ts";
import type { SpendingLimits } from "../../domain/spending-limits.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { CitedMessage } from "../../domain/tool-round.ts";
import type { Archive } from "../../ports/archive.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DelayedErasures } from "../../ports/delayed-erasures.ts";
import type { Directory } from "../../ports/directory.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { ImageMaker } from "../../ports/image-maker.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Platform } from "../../ports/platform.ts";
import type { UsageCounters } from "../../ports/usage.ts";

/** The ports that tools use. */
export interface ToolPorts {
  readonly archive: Archive;
  readonly archivedConversations: ArchivedConversations;
  readonly archivedMarks: ArchivedMarks;
  readonly delayedErasures: DelayedErasures;
  readonly directory: Directory;
  readonly files: FileStore;
  /** Missing: no images are made. */
  readonly imageMaker?: ImageMaker;
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly outbox: Outbox;
  readonly usage: UsageCounters;
  readonly limits: SpendingLimits;
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
  readonly turn: TurnId;
  readonly question: MessageId;
  /** Pays for what the call costs. */
  readonly payer: Payer;
  /** What earlier calls made for the answer. */
  readonly files: readonly PostFile[];
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
  /** What the call made for the answer: its last post shows them. Saved with the result. Missing: nothing. */
  readonly files?: readonly PostFile[];
}

/** The fields that the model gave; not checked. */
export type ToolArguments = Readonly<Record<string, unknown>>;

/** A call that may change something outside. */
interface WritingContext extends ToolContext {
  /** See StartedWrite. A service that is given it with each call carries the call out once. */
  readonly key: string;
}

interface AnyTool {
  readonly definition: ToolDefinition;
  /** A call that takes longer has failed. Missing: a minute. */
  readonly maxMs?: number;
}

/** A tool that changes nothing outside of the program: it looks things up, or makes something for the answer. */
export interface ReadingTool extends AnyTool {
  readonly effect: "reads";
  /**
   * A call that has a result is not repeated; after a crash in the middle of one it is. An error becomes a result that
   * tells the model of a failure. @throws {StoreError}, {MemoryError} when the turn has to wait for the stores, or the
   * signal's reason.
   */
  readonly run: (args: ToolArguments, context: ToolContext, signal: AbortSignal) => Promise<ToolResult>;
}

/** A tool that changes something outside of the program. */
export interface WritingTool extends AnyTool {
  readonly effect: "writes";
  /** What a call does, for people, in a few words without a full stop: "add milk to the list". */
  readonly describe: (args: ToolArguments) => string;
  /**
   * Whether the person who asked must approve this call before it starts. People read what `describe` says of it. Missing:
   * no call needs that.
   */
  readonly needsApproval?: (args: ToolArguments) => boolean;
  /** How long a request waits for its person, from 10 s to 12 hours. Missing: 15 minutes. */
  readonly approvalMs?: number;
  /**
   * Carried out once. A failed result says that nothing was changed. After an error, a missed deadline or an abort it is
   * unknown whether something was: the model and people are told. @throws as a ReadingTool does.
   */
  readonly run: (args: ToolArguments, context: WritingContext, signal: AbortSignal) => Promise<ToolResult>;
  /**
   * Asked after a crash in the middle of a call: what came of the call with this key. Resolves to undefined if it has
   * certainly changed nothing: it is then carried out again, with the same key. Missing: it can't be known.
   */
  readonly findOutcome?: (context: WritingContext, signal: AbortSignal) => Promise<ToolResult | undefined>;
}

/** Something that the model can use while it answers. */
export type Tool = ReadingTool | WritingTool;
