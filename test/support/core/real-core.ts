import { commandsWith, runnersOf } from "../../../src/commands/all-commands.ts";
import { archivedStores } from "../../../src/conversation/archive/archived-stores.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import type { ImageMaker } from "../../../src/ports/image-maker.ts";
import type { Model, Models } from "../../../src/ports/model.ts";
import type { FileStore } from "../../../src/ports/file-store.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import type { Transcriber } from "../../../src/ports/transcriber.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import { noLimits } from "./no-limits.ts";
import type { FakePlatform } from "./fake-platform.ts";
import { InMemoryFiles } from "./in-memory-files.ts";
import { plainReader } from "./plain-reader.ts";
import { RecordingLog } from "./recording-log.ts";
import type { Tool } from "../../../src/conversation/agent/tool.ts";
import { ToolBox } from "../../../src/conversation/agent/tool-box.ts";
import { toolsWith } from "../../../src/conversation/all-tools.ts";
import { openCore } from "../../../src/conversation/open-core.ts";
import { KnownPreferences } from "../../../src/conversation/settings/known-preferences.ts";
import { settingsAtWith } from "../../../src/conversation/settings/settings-at.ts";
import type { SpendingLimits } from "../../../src/domain/spending-limits.ts";
import type { SettingsScope, TurnSettings } from "../../../src/domain/turn-settings.ts";
import { coreSettings } from "./core-settings.ts";

interface Options {
  readonly stores: Stores;
  readonly archive: Archive & ArchivedConversations;
  readonly platform: Platform | FakePlatform;
  readonly model: Model;
  /** Missing: `model` for every name. */
  readonly models?: Models;
  readonly contextTokens: number;
  readonly clock?: Clock;
  /** 0 keeps everything. */
  readonly retentionDays?: number;
  readonly limits?: SpendingLimits;
  /** 24 unless given. */
  readonly forgetUndoHours?: number;
  /** What is set otherwise in one place, or for one person. */
  readonly changed?: (scope: SettingsScope) => Partial<TurnSettings>;
  /** Missing: those of the program. */
  readonly tools?: readonly Tool[];
  /** Missing: recordings are not transcribed. */
  readonly transcriber?: Transcriber;
  /** Missing: in memory. */
  readonly files?: FileStore;
  /** Missing: no images are made. */
  readonly imageMaker?: ImageMaker | undefined;
  /** How long the model may take for a title. */
  readonly titleMs?: number;
}

/** The core over real stores. The test decides when turns, summaries, titles, descriptions and jobs run. */
export function openRealCore(options: Options) {
  const { stores, archive, platform, model, contextTokens, clock = systemClock, retentionDays = 0 } = options;
  const { limits = noLimits, imageMaker } = options;
  const can = { makesImages: imageMaker !== undefined };
  const log = new RecordingLog();
  const memoryFiles = new InMemoryFiles(clock);
  const { files = memoryFiles } = options;
  const scheduled = new Set<ConversationKey>();
  const toSummarize = new Set<ConversationKey>();
  const toTitle = new Set<ConversationKey>();
  const toDescribe = new Set<ConversationKey>();
  const { signal } = new AbortController();
  const kept = archivedStores(stores, archive, { countTokens: model.countTokens, clock, log });
  // As the program does it.
  const preferences = new KnownPreferences({ store: stores.preferences, broadcast: stores.broadcast, clock });
  const platforms = new Map([[platform.name, platform]]);
  const { models = { named: () => model } } = options;
  const settings = coreSettings({
    contextTokens,
    limits,
    retentionDays,
    forgetUndoHours: options.forgetUndoHours ?? 24,
    titleMs: options.titleMs ?? 60_000,
    ...(options.changed === undefined ? {} : { changed: options.changed }),
  });
  const settingsAt = settingsAtWith({ settings: settings.settings, models, platforms });
  const core = openCore(
    {
      stores: { ...kept, preferences, hotMemories: stores.memories },
      archive,
      files,
      fileReader: plainReader,
      transcriber: options.transcriber,
      models,
      platforms,
      imageMaker,
      commands: runnersOf(commandsWith(can)),
      toolBox: new ToolBox(options.tools ?? toolsWith(can)),
      runtime: {
        scheduler: { schedule: async (conversation) => void scheduled.add(conversation) },
        scheduleIn: () => undefined,
        interruptions: stores.interruptions,
        requestSummary: (conversation) => void toSummarize.add(conversation),
        requestTitle: (conversation) => void toTitle.add(conversation),
        requestDescriptions: (conversation) => void toDescribe.add(conversation),
        clock,
        ids,
        log,
      },
    },
    settings,
  );
  const { accept, jobs, runNextTurn } = core;
  const run = async (name: string): Promise<void> => jobs.find((job) => job.name === name)?.run(signal);
  const settle = async (): Promise<void> => {
    for (const conversation of scheduled) {
      scheduled.delete(conversation);
      while ((await runNextTurn(conversation, signal)) === "more");
    }
  };
  const summarizeAll = async (): Promise<void> => {
    for (const conversation of toSummarize) {
      toSummarize.delete(conversation);
      await core.summarize(conversation, signal);
    }
  };
  const titleAll = async (): Promise<void> => {
    for (const conversation of toTitle) {
      toTitle.delete(conversation);
      await core.generateTitle(conversation, signal);
    }
  };
  const describeAll = async (): Promise<void> => {
    for (const conversation of toDescribe) {
      toDescribe.delete(conversation);
      await core.describeImages(conversation, signal);
    }
  };
  /** Runs until idle. Erasing waits for turns, so both run concurrently. */
  const rest = async (): Promise<void> => {
    for (let round = 0; round < 4; round += 1) {
      await settle();
      await summarizeAll();
      await titleAll();
      await describeAll();
      const forgetting = run("forget");
      const settling = setInterval(() => void settle(), 20);
      await forgetting;
      clearInterval(settling);
      await settle();
      await run("file");
    }
    await run("scrub");
  };
  return {
    preferences,
    accept: (inbound: Inbound) => accept(inbound, signal),
    /** What the sweeper does with a conversation that is due. */
    schedule: async (conversation: ConversationKey): Promise<void> => {
      scheduled.add(conversation);
      await settle();
    },
    settle,
    summarizeAll,
    titleAll,
    describeAll,
    /** As a process that ends does. */
    forgetRequests: (): void => {
      toTitle.clear();
      toDescribe.clear();
      toSummarize.clear();
    },
    /** The conversations whose summary was requested, and is not made yet. */
    requestedSummaries: (): readonly ConversationKey[] => [...toSummarize],
    requestTitle: (conversation: ConversationKey): void => void toTitle.add(conversation),
    rest,
    file: () => run("file"),
    forget: () => run("forget"),
    expire: () => run("expire"),
    chore: run,
    lapse: () => run("lapse"),
    /** What single steps of the core are called with. */
    ports: {
      ...kept,
      ...settings,
      ...settingsAt({ platform: platform.name, place: "room" }),
      settingsAt,
      accept,
      files: memoryFiles,
      fileReader: plainReader,
      platforms,
      clock,
      ids,
      log,
    },
    signal,
    log,
  };
}
