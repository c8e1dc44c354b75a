import { ByteRoom } from "../async/byte-room.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { CommandInbound } from "../domain/inbound.ts";
import type { TimeZone } from "../domain/time-zone.ts";
import type { Accept, OpensConversation } from "../ports/accept.ts";
import type { Archive } from "../ports/archive.ts";
import type { ArchivedConversations } from "../ports/archived-conversations.ts";
import type { ArchivedMarks } from "../ports/archived-marks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Confirmations } from "../ports/confirmations.ts";
import type { DeadLetters } from "../ports/dead-letters.ts";
import type { DelayedErasures } from "../ports/delayed-erasures.ts";
import type { Directory } from "../ports/directory.ts";
import type { ErasureRequests } from "../ports/erasure-requests.ts";
import type { Eviction } from "../ports/eviction.ts";
import type { FileReader } from "../ports/file-reader.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { ImageMaker } from "../ports/image-maker.ts";
import type { Ids } from "../ports/ids.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Job } from "../ports/job.ts";
import type { Journal } from "../ports/journal.ts";
import type { Locks } from "../ports/locks.ts";
import type { Log } from "../ports/log.ts";
import type { HotMemory, Memory } from "../ports/memory.ts";
import type { Models } from "../ports/model.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Platform } from "../ports/platform.ts";
import type { PreferenceStore } from "../ports/preferences.ts";
import type { Transcriber } from "../ports/transcriber.ts";
import type { Interruptions, RunNextTurn, TurnScheduler } from "../ports/turn-scheduler.ts";
import type { UsageCounters, UsageToday } from "../ports/usage.ts";
import { AppCalls } from "./addressing/app-calls.ts";
import { opensConversation } from "./addressing/on-arrival.ts";
import { acceptWith, storeWith, type AcceptPorts } from "./accept.ts";
import type { ToolBox } from "./agent/tool-box.ts";
import { Activity } from "./async/activity.ts";
import type { CommandRunner } from "./command/command.ts";
import { runsApart } from "./command/personal-command.ts";
import { archiveJobs } from "./jobs.ts";
import { describeImages } from "./description/describe-images.ts";
import { isSummaryDue, summarize } from "./summary/summarize.ts";
import { generateTitle } from "./title/generate-title.ts";
import { settingsAtWith } from "./settings/settings-at.ts";
import { usageTodayWith } from "./usage/usage-today.ts";
import { runNextTurnWith } from "./turn/run-next-turn.ts";
import type { Settings } from "../ports/settings.ts";

/** The stores of conversations that are talked in. Any number of replicas may share them. */
interface CoreStores {
  readonly inbox: Inbox;
  readonly journal: Journal;
  /** Falls back on the archive, as `directory` does: see archivedStores. */
  readonly memories: Memory;
  /** Only what the hot store has: this is what the archive is brought up to date with. */
  readonly hotMemories: HotMemory;
  readonly directory: Directory;
  /** Where the edits of apps are looked up: they are many, and seldom of a message that the bot knows. */
  readonly forApps?: NonNullable<AcceptPorts["forApps"]>;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
  readonly eviction: Eviction;
  readonly deadLetters: DeadLetters;
  readonly erasureRequests: ErasureRequests;
  readonly delayedErasures: DelayedErasures;
  readonly confirmations: Confirmations;
  /** Asked for each answer, so a good one remembers them in-process: see KnownPreferences. */
  readonly preferences: PreferenceStore;
  readonly usage: UsageCounters;
  readonly locks: Locks;
  /** Leaves no trace of erased text in the files of the stores. */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
}

/** What gets turns and background work started, and tells the time. */
interface CoreRuntime {
  readonly scheduler: TurnScheduler;
  /** This process, as the journal names it. Missing: the core gives it a name. */
  readonly worker?: string;
  /** Schedules a conversation after so many milliseconds. It may be lost with the process: the sweeper comes later. */
  readonly scheduleIn: (conversation: ConversationKey, ms: number) => void;
  readonly interruptions: Interruptions;
  /** Calls `Core.summarize` soon, in the background. */
  readonly requestSummary: (conversation: ConversationKey) => void;
  /** Calls `Core.generateTitle` soon, in the background. Missing: titles quote the first message. */
  readonly requestTitle?: (conversation: ConversationKey) => void;
  /** Calls `Core.describeImages` soon, in the background. Missing: images are only named. */
  readonly requestDescriptions?: (conversation: ConversationKey) => void;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Everything that the core needs from outside. */
export interface CorePorts {
  readonly stores: CoreStores;
  readonly archive: Archive & ArchivedConversations;
  readonly files: FileStore;
  readonly fileReader: FileReader;
  readonly models: Models;
  /** Missing: recordings are not transcribed. */
  readonly transcriber?: Transcriber | undefined;
  /** Missing: no images are made, and nothing offers it. */
  readonly imageMaker?: ImageMaker | undefined;
  /** By name. May be filled after the core is opened: a platform needs `accept` before it can open. */
  readonly platforms: ReadonlyMap<string, Platform>;
  /** By name: those that people can write, and those that only buttons give. */
  readonly commands: ReadonlyMap<string, CommandRunner>;
  /** What the model can use while it answers. */
  readonly toolBox: ToolBox;
  readonly runtime: CoreRuntime;
}

export interface CoreSettings {
  /** Asked for each message, and once for each turn, summary and title. The jobs ask only for what is the longest. */
  readonly settings: Settings;
  /** Of the times in prompts, where no platform tells another. */
  readonly timeZone: TimeZone;
  /** How long after it was asked a question is still answered by itself. */
  readonly answerWithinMs: number;
  /** How long `forget this` can be undone where several people have written. 0: it can't. */
  readonly forgetUndoHours: number;
  /** How long the model may take for a title. */
  readonly titleMs: number;
}

/** The conversations of this bot: what comes in, what is done about it, and what is done in the background. */
export interface Core {
  /** Stores an inbound and schedules its conversation. @throws {InboxError} and then nothing was stored. */
  readonly accept: Accept;
  /** For platforms, which ask it before they do work for a message. */
  readonly opensConversation: OpensConversation;
  /** As `accept`, without scheduling: for several inbounds of one conversation, which the caller schedules once. */
  readonly store: Accept;
  /** For the scheduler, which calls it for one conversation at most once at a time. */
  readonly runNextTurn: RunNextTurn;
  /** Work on a schedule, each job by one replica at a time. */
  readonly jobs: readonly Job[];
  /** Resolves to whether there was anything to summarize; `tomorrow`: a limit of the day is reached. */
  readonly summarize: (conversation: ConversationKey, signal: AbortSignal) => Promise<boolean | "tomorrow">;
  /** What a person has used today. @throws {StoreError} */
  readonly usageToday: UsageToday;
  readonly generateTitle: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  readonly describeImages: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  /**
   * Resolves when no inbound waits in any inbox and this process runs no turn. Turns of other replicas are noticed
   * within a second. Jobs, summaries, titles and descriptions do not count. @throws the signal's reason, {InboxError}
   */
  readonly whenIdle: (signal: AbortSignal) => Promise<void>;
}

/** Wires the core. Opens nothing and starts nothing: the caller gives `runNextTurn` to a scheduler and runs the jobs. */
export function openCore(ports: CorePorts, given: CoreSettings): Core {
  const { settings, ...timing } = given;
  const { stores, archive, files, models, platforms, commands, toolBox, runtime } = ports;
  const { hotMemories, ...hot } = stores;
  const activity = new Activity();
  const settingsAt = settingsAtWith({ settings, models, platforms });
  const base = { ...hot, ...runtime, ...timing, settingsAt, archive, files, archivedConversations: archive };
  const front = {
    ...base,
    ...commandFacts(commands),
    ...platformFacts(platforms),
    appCalls: new AppCalls(runtime),
  };
  const accept = activity.noticing(acceptWith(front));
  const store = activity.noticing(storeWith(front));
  const requestSummary = (memory: ConversationMemory): void => {
    if (isSummaryDue(settingsAt, memory)) runtime.requestSummary(memory.conversation);
  };
  const turns = { ...base, ...filePorts(ports), accept, platforms, commands, toolBox, requestSummary };
  return {
    accept,
    opensConversation: (said) => opensConversation(settingsAt, said),
    store,
    runNextTurn: activity.noticing(runNextTurnWith(turns)),
    jobs: archiveJobs({ ...base, settings, memories: hotMemories, accept, store, platforms }),
    summarize: (conversation, signal) => summarize(turns, conversation, signal),
    usageToday: usageTodayWith(base),
    generateTitle: (conversation, signal) => generateTitle(turns, conversation, signal),
    describeImages: (conversation, signal) => describeImages(turns, conversation, signal),
    whenIdle: (signal) =>
      activity.whenIdle(async () => (await stores.inbox.due(Number.MAX_SAFE_INTEGER, signal)).length > 0, {
        clock: runtime.clock,
        signal,
      }),
  };
}

/** In memory at once while they are read, in all conversations together: three large files. */
const maxFileBytesAtOnce = 64 * 1_024 * 1_024;

/** What reads and makes files. */
function filePorts({ fileReader, transcriber, imageMaker }: CorePorts) {
  return {
    fileReader,
    fileRoom: new ByteRoom(maxFileBytesAtOnce),
    ...(transcriber === undefined ? {} : { transcriber }),
    ...(imageMaker === undefined ? {} : { imageMaker }),
  };
}

function commandFacts(commands: ReadonlyMap<string, CommandRunner>) {
  const all = [...commands.values()];
  const interrupting = all.filter(({ interrupts }) => interrupts);
  return {
    runsApart: (command: CommandInbound) => runsApart(commands, command),
    // A question that gives a command stays a question.
    commands: all
      .filter(({ isButtonOnly, isQuestion }) => isButtonOnly !== true && isQuestion !== true)
      .map(({ definition }) => definition),
    interruptingCommands: new Set(interrupting.map(({ definition }) => definition.name)),
  };
}

/** Asked for each inbound: platforms open after the core. */
function platformFacts(platforms: ReadonlyMap<string, Platform>) {
  return {
    botNameIn: (name: string, place: string) => platforms.get(name)?.botNameIn?.(place),
    quotesOn: (name: string) => platforms.get(name)?.quotes === true,
  };
}
