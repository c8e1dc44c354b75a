import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { commandRunners } from "../../../src/commands/all-commands.ts";
import { archivedStores } from "../../../src/conversation/archive/archived-stores.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { TurnTimers } from "../../../src/engine/turn-timers.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { Jobs } from "../../../src/engine/embedded/jobs.ts";
import { EmbeddedScheduler } from "../../../src/engine/embedded/embedded-scheduler.ts";
import { SummaryWorker } from "../../../src/engine/summary-worker.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { Sweeper } from "../../../src/engine/sweeper.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteDeadLetters } from "../../../src/storage/sqlite/stores/sqlite-dead-letters.ts";
import { SqliteConfirmations } from "../../../src/storage/sqlite/stores/sqlite-confirmations.ts";
import { SqliteDelayedErasures } from "../../../src/storage/sqlite/stores/sqlite-delayed-erasures.ts";
import { SqliteEviction } from "../../../src/storage/sqlite/stores/sqlite-eviction.ts";
import { SqliteDirectory } from "../../../src/storage/sqlite/stores/sqlite-directory.ts";
import { SqliteErasureRequests } from "../../../src/storage/sqlite/stores/sqlite-erasure-requests.ts";
import { SqliteInbox } from "../../../src/storage/sqlite/stores/sqlite-inbox.ts";
import { SqliteJournal } from "../../../src/storage/sqlite/stores/sqlite-journal.ts";
import { SqliteLocks } from "../../../src/storage/sqlite/stores/sqlite-locks.ts";
import { SqliteArchivedMarks } from "../../../src/storage/sqlite/stores/sqlite-archived-marks.ts";
import { SqlitePreferences } from "../../../src/storage/sqlite/stores/sqlite-preferences.ts";
import { SqliteOutbox } from "../../../src/storage/sqlite/stores/sqlite-outbox.ts";
import { SqliteUsage } from "../../../src/storage/sqlite/stores/sqlite-usage.ts";
import { putEmptyDatabases } from "../sqlite/empty-databases.ts";
import { FakeMemory } from "./fake-memory.ts";
import { FakePlatform } from "./fake-platform.ts";
import { hastyClock } from "./hasty-clock.ts";
import { InMemoryFiles } from "./in-memory-files.ts";
import { plainReader } from "./plain-reader.ts";
import { InMemoryArchive } from "./in-memory-archive.ts";
import { RecordingLog } from "./recording-log.ts";
import { ScriptedModel } from "./scripted-model.ts";
import { ToolBox } from "../../../src/conversation/agent/tool-box.ts";
import { allTools } from "../../../src/conversation/all-tools.ts";
import { openCore } from "../../../src/conversation/open-core.ts";
import { coreSettings } from "./core-settings.ts";

/** The real core over a real database, between a fake platform and a scripted model. */
export async function openCoreBench(options: {
  readonly dataDir: string;
  readonly platform?: FakePlatform;
  readonly model?: ScriptedModel;
  readonly memories?: FakeMemory;
  readonly contextTokens?: number;
  readonly shutdownMs?: number;
  readonly answerWithinMs?: number;
  readonly archive?: InMemoryArchive;
  readonly retentionDays?: number;
  /** By default one that runs a hundred times too fast. Not for limits in time that slow work may exceed. */
  readonly clock?: Clock;
  /** Without a sweeper, which would remove conversations without content while a test holds one. Missing: it sweeps. */
  readonly isSwept?: false;
}) {
  const platform = options.platform ?? new FakePlatform();
  const model = options.model ?? new ScriptedModel();
  const memories = options.memories ?? new FakeMemory();
  const log = new RecordingLog();
  const ids = randomIds;
  const clock = options.clock ?? hastyClock;
  const opened = new AsyncDisposableStack();
  await putEmptyDatabases(options.dataDir);
  const { database } = opened.use(openDatabase(options.dataDir, log));
  const inbox = new SqliteInbox(database, { ids, log, inbounds });
  const journal = new SqliteJournal(database, memories, { ids, log, inbounds });
  const directory = new SqliteDirectory(database);
  const outbox = new SqliteOutbox(database);
  const archivedMarks = new SqliteArchivedMarks(database);
  const eviction = new SqliteEviction(database, memories);
  const erasureRequests = new SqliteErasureRequests(database);
  const delayedErasures = new SqliteDelayedErasures(database);
  const deadLetters = new SqliteDeadLetters(database, inbounds);
  const archive = options.archive ?? new InMemoryArchive();
  const files = new InMemoryFiles(clock);
  const interruptions = new InProcessInterruptions();
  const scheduler = opened.use(
    new EmbeddedScheduler({ turnsAtOnce: 50, shutdownMs: options.shutdownMs ?? 0, log }),
  );
  const hot = { inbox, memories, directory, archivedMarks };
  const stores = {
    ...archivedStores(hot, archive, { countTokens: model.countTokens, clock, log }),
    hotMemories: memories,
    journal,
    outbox,
    eviction,
    deadLetters,
    erasureRequests,
    delayedErasures,
    confirmations: new SqliteConfirmations(database),
    preferences: new SqlitePreferences(database),
    locks: new SqliteLocks(),
    usage: new SqliteUsage(database, log),
    scrub: async () => undefined,
  };
  const summaries = new SummaryWorker({ summarize: (...given) => core.summarize(...given), clock, log });
  const alarms = opened.use(new TurnTimers({ scheduler, clock, log }));
  const core = openCore(
    {
      stores,
      archive,
      files,
      fileReader: plainReader,
      models: { named: () => model },
      platforms: new Map([[platform.name, platform]]),
      commands: commandRunners,
      toolBox: new ToolBox(allTools),
      runtime: {
        scheduler,
        scheduleIn: alarms.scheduleIn,
        interruptions,
        requestSummary: summaries.request,
        clock,
        ids,
        log,
      },
    },
    coreSettings({
      contextTokens: options.contextTokens ?? 4_000,
      answerWithinMs: options.answerWithinMs ?? 3_600_000,
      retentionDays: options.retentionDays ?? 0,
    }),
  );
  scheduler.start(core.runNextTurn);
  opened.use(summaries);
  const { signal } = new AbortController();
  await core.jobs.find(({ name }) => name === "mark")?.run(signal);
  opened.use(new Jobs(core.jobs, { clock, log })).start();
  if (options.isSwept !== false) opened.use(new Sweeper({ inbox, scheduler, clock, log }, 2_000)).start();
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
    interruptions,
    clock,
    store: core.store,
    accept: (inbound: Inbound) => core.accept(inbound, signal),
    whenIdle: () => core.whenIdle(signal),
    /** Nothing waits, at this moment. */
    isIdle: () => database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"] === 0,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
