import type { Config } from "./config/config.ts";
import { Chores } from "./engine/embedded/jobs.ts";
import { EmbeddedWaker } from "./engine/embedded/embedded-scheduler.ts";
import { InProcessBroadcast } from "./engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "./engine/embedded/in-process-interruptions.ts";
import type { QueueConnections } from "./engine/bullmq/queue-connections.ts";
import type { Chore } from "./ports/job.ts";
import type { ConversationArchive } from "./ports/archived-conversations.ts";
import type { Ledger } from "./ports/archive.ts";
import type { Log } from "./ports/log.ts";
import type { SecretArchive } from "./ports/secret-archive.ts";
import type { Drain, Waker } from "./ports/turn-scheduler.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { randomIds as ids } from "./runtime/ids.ts";
import { openSqliteStores } from "./storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "./storage/stores.ts";

// Where things are kept, and what wakes conversations, as the settings say. What a setting turns on is loaded only then.

/** How long a store that is not there yet is waited for. */
export const storeWaitMs = 15_000;

interface StartedWaker extends Waker, AsyncDisposable {
  readonly start: (drain: Drain) => void;
}

interface Damaged {
  /** A database is damaged: the next start recovers it. */
  readonly onDamaged: () => void;
}

export async function openStores(config: Config, log: Log, ends: Damaged): Promise<Stores> {
  const ears = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  if (config.REDIS_URL === undefined) return openSqliteStores(config.DATA_DIR, { ids, log, ears, ...ends });
  const { openRedisStores } = await import("./storage/redis/open-redis-stores.ts");
  return openRedisStores(config.REDIS_URL, { waitMs: storeWaitMs, ids, clock, log, ears });
}

type Archive = Ledger & ConversationArchive & SecretArchive & AsyncDisposable;

export async function openLedger(config: Config, log: Log, ends: Damaged): Promise<Archive> {
  if (config.DATABASE_URL === undefined) {
    const warning = "the archive lies in DATA_DIR: set DATABASE_URL before a second replica runs";
    if (config.REDIS_URL !== undefined) log.warn({}, warning);
    const { openSqliteLedger } = await import("./storage/sqlite/sqlite-archive.ts");
    return openSqliteLedger(config.DATA_DIR, { log, ...ends });
  }
  const { openPostgresLedger } = await import("./storage/postgres/open-postgres-archive.ts");
  return openPostgresLedger(config.DATABASE_URL, { waitMs: storeWaitMs, clock, log });
}

export async function openChores(
  config: Config,
  chores: readonly Chore[],
  connections: QueueConnections,
  log: Log,
): Promise<AsyncDisposable & { readonly start: () => void }> {
  if (config.REDIS_URL === undefined) return new Chores(chores, { clock, log });
  const { BullmqChores } = await import("./engine/bullmq/bullmq-jobs.ts");
  return new BullmqChores(chores, { url: config.REDIS_URL, connections, log });
}

export async function openWaker(
  config: Config,
  connections: QueueConnections,
  log: Log,
): Promise<StartedWaker> {
  const options = { turnsAtOnce: config.TURNS_AT_ONCE, shutdownMs: config.SHUTDOWN_MS, log };
  if (config.REDIS_URL === undefined) return new EmbeddedWaker(options);
  const { BullmqWaker } = await import("./engine/bullmq/bullmq-scheduler.ts");
  return new BullmqWaker({ ...options, connections, url: config.REDIS_URL });
}
