import { allCommands as commands, commandRunners } from "../../../src/commands/all-commands.ts";
import { acceptWith, storeWith } from "../../../src/conversation/accept.ts";
import { archivedStores } from "../../../src/conversation/archive/archived-stores.ts";
import { archiveJobs } from "../../../src/conversation/jobs.ts";
import { runNextTurnWith } from "../../../src/conversation/turn/run-next-turn.ts";
import { summarize } from "../../../src/conversation/summary/summarize.ts";
import { budgetOf } from "../../../src/conversation/memory/window.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { Alarms } from "../../../src/engine/alarms.ts";
import { Jobs } from "../../../src/engine/embedded/jobs.ts";
import { EmbeddedScheduler } from "../../../src/engine/embedded/embedded-scheduler.ts";
import { SummaryWorker } from "../../../src/engine/summary-worker.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { Sweeper } from "../../../src/engine/sweeper.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteDeadLetters } from "../../../src/storage/sqlite/stores/sqlite-dead-letters.ts";
import { SqliteDelayedErasures } from "../../../src/storage/sqlite/stores/sqlite-delayed-erasures.ts";
import { SqliteEviction } from "../../../src/storage/sqlite/stores/sqlite-eviction.ts";
import { SqliteDirectory } from "../../../src/storage/sqlite/stores/sqlite-directory.ts";
import { SqliteErasureRequests } from "../../../src/storage/sqlite/stores/sqlite-erasure-requests.ts";
import { SqliteInbox } from "../../../src/storage/sqlite/stores/sqlite-inbox.ts";
import { SqliteJournal } from "../../../src/storage/sqlite/stores/sqlite-journal.ts";
import { SqliteLocks } from "../../../src/storage/sqlite/stores/sqlite-locks.ts";
import { SqliteArchivedMarks } from "../../../src/storage/sqlite/stores/sqlite-archived-marks.ts";
import { SqliteOutbox } from "../../../src/storage/sqlite/stores/sqlite-outbox.ts";
import { SqliteUsage } from "../../../src/storage/sqlite/stores/sqlite-usage.ts";
import { FakeMemory } from "./fake-memory.ts";
import { FakePlatform } from "./fake-platform.ts";
import { InMemoryArchive } from "./in-memory-archive.ts";
import { noLimits } from "./no-limits.ts";
import { RecordingLog } from "./recording-log.ts";
import { ScriptedModel } from "./scripted-model.ts";

const startedAtMs = Date.now();

/** A clock that runs a hundred times too fast, so that nobody waits for retries. */
const hastyClock: Clock = {
  nowMs: () => startedAtMs + (Date.now() - startedAtMs) * 100,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

/** The real core over a real database, between a fake platform and a scripted model. */
export async function openCore(options: {
  readonly dataDir: string;
  readonly platform?: FakePlatform;
  readonly model?: ScriptedModel;
  readonly memories?: FakeMemory;
  readonly contextTokens?: number;
  readonly shutdownMs?: number;
  readonly answerWithinMs?: number;
  readonly archive?: InMemoryArchive;
  readonly retentionDays?: number;
}) {
  const platform = options.platform ?? new FakePlatform();
  const model = options.model ?? new ScriptedModel();
  const memories = options.memories ?? new FakeMemory();
  const log = new RecordingLog();
  const ids = randomIds;
  const clock = hastyClock;
  const opened = new AsyncDisposableStack();
  const { database } = opened.use(openDatabase(options.dataDir, log));
  const inbox = new SqliteInbox(database, ids, log);
  const journal = new SqliteJournal(database, memories, ids, log);
  const directory = new SqliteDirectory(database);
  const outbox = new SqliteOutbox(database);
  const archivedMarks = new SqliteArchivedMarks(database);
  const eviction = new SqliteEviction(database, memories);
  const erasureRequests = new SqliteErasureRequests(database);
  const delayedErasures = new SqliteDelayedErasures(database);
  const deadLetters = new SqliteDeadLetters(database);
  const archive = options.archive ?? new InMemoryArchive();
  const interruptions = new InProcessInterruptions();
  const scheduler = opened.use(
    new EmbeddedScheduler({ turnsAtOnce: 50, shutdownMs: options.shutdownMs ?? 0, log }),
  );
  const answerWithinMs = options.answerWithinMs ?? 3_600_000;
  const front = {
    inbox,
    archivedConversations: archive,
    directory,
    scheduler,
    interruptions,
    clock,
    log,
    commands: commands.map(({ definition }) => definition),
    interruptingCommands: new Set(["reset"]),
    answerWithinMs,
  };
  const accept = acceptWith(front);
  const budget = budgetOf(options.contextTokens ?? 4_000);
  const locks = new SqliteLocks();
  const usage = new SqliteUsage(database);
  const base = {
    inbox,
    journal,
    locks,
    memories,
    archive,
    outbox,
    directory,
    deadLetters,
    erasureRequests,
    delayedErasures,
    interruptions,
  };
  const kept = archivedStores({ ...base, archivedMarks, eviction }, archive, {
    countTokens: model.countTokens,
    clock,
    log,
  });
  const ports = { ...kept, timeZone: "UTC", accept, model, clock, ids, log, budget, usage, limits: noLimits };
  const platforms = new Map([[platform.name, platform]]);
  const retentionDays = options.retentionDays ?? 0;
  const folder = new SummaryWorker({
    summarize: (each, signal) => summarize(ports, each, signal),
    clock,
    log,
  });
  const { scheduleIn } = opened.use(new Alarms({ scheduler, clock, log }));
  scheduler.start(
    runNextTurnWith({
      ...ports,
      platforms,
      commands: commandRunners,
      instructions: "Be kind.",
      answerWithinMs,
      retentionDays,
      forgetUndoHours: 24,
      requestSummary: folder.request,
      scheduleIn,
    }),
  );
  opened.use(folder);
  const signal = AbortSignal.timeout(60_000);
  const scrub = async (): Promise<void> => undefined;
  const jobs = archiveJobs({ ...ports, store: storeWith(front), memories, platforms, scrub, retentionDays });
  await jobs.find(({ name }) => name === "mark")?.run(signal);
  opened.use(new Jobs(jobs, { clock, log })).start();
  opened.use(new Sweeper({ inbox, scheduler, clock, log }, 2_000)).start();
  return {
    platform,
    model,
    memories,
    log,
    database,
    inbox,
    journal,
    directory,
    archive,
    outbox,
    scheduler,
    clock,
    front,
    accept: (inbound: Inbound) => accept(inbound, signal),
    isIdle: () => database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"] === 0,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
