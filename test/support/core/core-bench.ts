import { allCommands as commands, commandRunners } from "../../../src/commands/all-commands.ts";
import { acceptWith, storeWith } from "../../../src/conversation/accept.ts";
import { archivedStores } from "../../../src/conversation/archive/archived-stores.ts";
import { ledgerChores } from "../../../src/conversation/jobs.ts";
import { drainWith } from "../../../src/conversation/turn/run-next-turn.ts";
import { fold } from "../../../src/conversation/summary/summarize.ts";
import { budgetOf } from "../../../src/conversation/memory/window.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { Alarms } from "../../../src/engine/alarms.ts";
import { Chores } from "../../../src/engine/embedded/jobs.ts";
import { EmbeddedWaker } from "../../../src/engine/embedded/embedded-scheduler.ts";
import { Folder } from "../../../src/engine/summary-worker.ts";
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
import { SqliteForgettings } from "../../../src/storage/sqlite/stores/sqlite-erasure-requests.ts";
import { SqliteInbox } from "../../../src/storage/sqlite/stores/sqlite-inbox.ts";
import { SqliteJournal } from "../../../src/storage/sqlite/stores/sqlite-journal.ts";
import { SqliteLocks } from "../../../src/storage/sqlite/stores/sqlite-locks.ts";
import { SqliteResting } from "../../../src/storage/sqlite/stores/sqlite-archived-marks.ts";
import { SqliteOutbox } from "../../../src/storage/sqlite/stores/sqlite-outbox.ts";
import { SqliteUsage } from "../../../src/storage/sqlite/stores/sqlite-usage.ts";
import { FakeMemory } from "./fake-memory.ts";
import { FakePlatform } from "./fake-platform.ts";
import { MemoryLedger } from "./memory-ledger.ts";
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
  readonly memory?: FakeMemory;
  readonly contextTokens?: number;
  readonly shutdownMs?: number;
  readonly answerWithinMs?: number;
  readonly ledger?: MemoryLedger;
  readonly retentionDays?: number;
}) {
  const platform = options.platform ?? new FakePlatform();
  const model = options.model ?? new ScriptedModel();
  const memory = options.memory ?? new FakeMemory();
  const log = new RecordingLog();
  const ids = randomIds;
  const clock = hastyClock;
  const opened = new AsyncDisposableStack();
  const { database } = opened.use(openDatabase(options.dataDir, log));
  const inbox = new SqliteInbox(database, ids, log);
  const journal = new SqliteJournal(database, memory, ids, log);
  const directory = new SqliteDirectory(database);
  const outbox = new SqliteOutbox(database);
  const resting = new SqliteResting(database);
  const eviction = new SqliteEviction(database, memory);
  const forgettings = new SqliteForgettings(database);
  const delayedErasures = new SqliteDelayedErasures(database);
  const deadLetters = new SqliteDeadLetters(database);
  const ledger = options.ledger ?? new MemoryLedger();
  const interruptions = new InProcessInterruptions();
  const waker = opened.use(new EmbeddedWaker({ turnsAtOnce: 50, shutdownMs: options.shutdownMs ?? 0, log }));
  const answerWithinMs = options.answerWithinMs ?? 3_600_000;
  const front = {
    inbox,
    archive: ledger,
    directory,
    waker,
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
    memory,
    ledger,
    outbox,
    directory,
    deadLetters,
    forgettings,
    delayedErasures,
    interruptions,
  };
  const kept = archivedStores({ ...base, resting, eviction }, ledger, {
    countTokens: model.countTokens,
    clock,
    log,
  });
  const ports = { ...kept, timeZone: "UTC", accept, model, clock, ids, log, budget, usage, limits: noLimits };
  const platforms = new Map([[platform.name, platform]]);
  const retentionDays = options.retentionDays ?? 0;
  const folder = new Folder({ fold: (each, signal) => fold(ports, each, signal), clock, log });
  const { wakeIn } = opened.use(new Alarms({ waker, clock, log }));
  waker.start(
    drainWith({
      ...ports,
      platforms,
      commands: commandRunners,
      instructions: "Be kind.",
      answerWithinMs,
      retentionDays,
      forgetUndoHours: 24,
      requestFold: folder.request,
      wakeIn,
    }),
  );
  opened.use(folder);
  const signal = AbortSignal.timeout(60_000);
  const scrub = async (): Promise<void> => undefined;
  const chores = ledgerChores({ ...ports, store: storeWith(front), memory, platforms, scrub, retentionDays });
  await chores.find(({ name }) => name === "mark")?.run(signal);
  opened.use(new Chores(chores, { clock, log })).start();
  opened.use(new Sweeper({ inbox, waker, clock, log }, 2_000)).start();
  return {
    platform,
    model,
    memory,
    log,
    database,
    inbox,
    journal,
    directory,
    ledger,
    outbox,
    waker,
    clock,
    front,
    accept: (inbound: Inbound) => accept(inbound, signal),
    isIdle: () => database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"] === 0,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
