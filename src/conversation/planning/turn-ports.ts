import type { ByteRoom } from "../../async/byte-room.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Confirmations } from "../../ports/confirmations.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { DelayedErasures } from "../../ports/delayed-erasures.ts";
import type { Directory } from "../../ports/directory.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { ErasureRequests } from "../../ports/erasure-requests.ts";
import type { FileReader } from "../../ports/file-reader.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Journal } from "../../ports/journal.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Platform } from "../../ports/platform.ts";
import type { PreferenceStore } from "../../ports/preferences.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { UsageCounters } from "../../ports/usage.ts";
import type { ImageMaker } from "../../ports/image-maker.ts";
import type { Transcriber } from "../../ports/transcriber.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";
import type { Interruptions } from "../../ports/turn-scheduler.ts";
import type { ToolBox } from "../agent/tool-box.ts";
import type { CommandRunner } from "../command/command.ts";
import type { TurnConditions } from "../settings/settings-at.ts";

/** What one turn needs from outside, with the settings that it started with. */
export interface TurnPorts extends TurnConditions {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memories: Memory;
  readonly outbox: Outbox;
  readonly archive: Archive;
  readonly files: FileStore;
  readonly fileReader: FileReader;
  /** For the bytes of files that are read. */
  readonly fileRoom: ByteRoom;
  /** Missing: recordings are not transcribed. */
  readonly transcriber?: Transcriber;
  /** Missing: no images are made, and nothing offers it. */
  readonly imageMaker?: ImageMaker;
  readonly archivedConversations: ArchivedConversations;
  readonly archivedMarks: ArchivedMarks;
  readonly erasureRequests: ErasureRequests;
  readonly delayedErasures: DelayedErasures;
  readonly confirmations: Confirmations;
  readonly preferences: Pick<PreferenceStore, "find">;
  /** How long `forget this` can be undone where others have written. 0: it can't. */
  readonly forgetUndoHours: number;
  readonly usage: UsageCounters;
  readonly interruptions: Interruptions;
  /** By name. */
  readonly platforms: ReadonlyMap<string, Platform>;
  /** By name. */
  readonly commands: ReadonlyMap<string, CommandRunner>;
  readonly toolBox: ToolBox;
  readonly clock: Clock;
  /** Of the times in prompts, where no platform tells another. */
  readonly timeZone: TimeZone;
  readonly ids: Ids;
  readonly log: Log;
  /** Has the conversation summarized if its memory, as it is stored, needs it: in the background, soon. */
  readonly requestSummary: (memory: ConversationMemory) => void;
  /** A title may be made of how it begins: in the background, soon. Missing: none are made. */
  readonly requestTitle?: (conversation: ConversationKey) => void;
  /** Images are to be described: in the background, soon. Missing: they are only named. */
  readonly requestDescriptions?: (conversation: ConversationKey) => void;
  /** The conversation waits for a known moment: it is woken then, besides what the sweeper does. */
  readonly scheduleIn: (conversation: ConversationKey, ms: number) => void;
  /** How long after it was asked a question may be answered by itself: afterwards the person is told instead. */
  readonly answerWithinMs: number;
}

/** What planning a turn and applying its plan to memory needs, without what only some turns read. */
export type PlanningPorts = Pick<
  TurnPorts,
  "model" | "platforms" | "commands" | "clock" | "ids" | "log" | "budget" | "replyMode" | "retentionDays"
>;
