import { allCommands as commands, commandRunners } from "../../../src/commands/all-commands.ts";
import { acceptWith, storeWith } from "../../../src/conversation/accept.ts";
import { archivedStores } from "../../../src/conversation/archive/archived-stores.ts";
import { archiveJobs } from "../../../src/conversation/jobs.ts";
import { runNextTurnWith } from "../../../src/conversation/turn/run-next-turn.ts";
import { summarize } from "../../../src/conversation/summary/summarize.ts";
import { generateTitle } from "../../../src/conversation/title/generate-title.ts";
import { budgetOf } from "../../../src/conversation/memory/window.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import type { Model } from "../../../src/ports/model.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import { noLimits } from "./no-limits.ts";
import type { FakePlatform } from "./fake-platform.ts";
import { RecordingLog } from "./recording-log.ts";
import type { SpendingLimits } from "../../../src/conversation/usage/limits.ts";

interface Options {
  readonly stores: Stores;
  readonly archive: Archive & ArchivedConversations;
  readonly platform: FakePlatform;
  readonly model: Model;
  readonly contextTokens: number;
  readonly clock?: Clock;
  /** 0: everything is kept. */
  readonly retentionDays?: number;
  readonly limits?: SpendingLimits;
  /** 24 unless given. */
  readonly forgetUndoHours?: number;
  /** How long the model may take for a title. */
  readonly titleMs?: number;
}

/** The core over real stores, in which nothing happens by itself: the test says when turns, folds, titles and chores are done. */
export function openRealCore(options: Options) {
  const { stores, archive, platform, model, contextTokens, clock = systemClock, retentionDays = 0 } = options;
  const { limits = noLimits } = options;
  const log = new RecordingLog();
  const scheduled = new Set<ConversationKey>();
  const toSummarize = new Set<ConversationKey>();
  const toTitle = new Set<ConversationKey>();
  const signal = AbortSignal.timeout(300_000);
  const kept = archivedStores(stores, archive, { countTokens: model.countTokens, clock, log });
  const front = {
    ...kept,
    scheduler: { schedule: async (conversation: ConversationKey) => void scheduled.add(conversation) },
    clock,
    log,
    commands: commands.map(({ definition }) => definition),
    interruptingCommands: new Set(["reset"]),
    answerWithinMs: 3_600_000,
    quotesOn: () => true,
  };
  const accept = acceptWith(front);
  const platforms = new Map([[platform.name, platform]]);
  const base = {
    ...kept,
    accept,
    model,
    timeZone: "UTC",
    clock,
    ids,
    log,
    budget: budgetOf(contextTokens),
    platforms,
    limits,
  };
  const runNextTurn = runNextTurnWith({
    ...base,
    commands: commandRunners,
    instructions: "Be kind.",
    answerWithinMs: 3_600_000,
    retentionDays,
    forgetUndoHours: options.forgetUndoHours ?? 24,
    requestSummary: (conversation) => void toSummarize.add(conversation),
    requestTitle: (conversation) => void toTitle.add(conversation),
    scheduleIn: () => undefined,
  });
  const jobs = archiveJobs({ ...base, store: storeWith(front), memories: stores.memories, retentionDays });
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
      await summarize(base, conversation, signal);
    }
  };
  const titleAll = async (): Promise<void> => {
    for (const conversation of toTitle) {
      toTitle.delete(conversation);
      await generateTitle({ ...base, titleMs: options.titleMs ?? 60_000 }, conversation, signal);
    }
  };
  /** Until there is nothing left to do. Forgetting waits for its turns, so both go on at once. */
  const rest = async (): Promise<void> => {
    for (let round = 0; round < 4; round += 1) {
      await settle();
      await summarizeAll();
      await titleAll();
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
    accept: (inbound: Inbound) => accept(inbound, signal),
    /** What the sweeper does with a conversation that is due. */
    schedule: async (conversation: ConversationKey): Promise<void> => {
      scheduled.add(conversation);
      await settle();
    },
    settle,
    summarizeAll,
    titleAll,
    /** As a process that ends does. */
    forgetRequests: (): void => toTitle.clear(),
    requestTitle: (conversation: ConversationKey): void => void toTitle.add(conversation),
    rest,
    file: () => run("file"),
    forget: () => run("forget"),
    expire: () => run("expire"),
    chore: run,
    lapse: () => run("lapse"),
    base,
    signal,
    log,
  };
}
