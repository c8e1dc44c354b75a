import { join } from "node:path";

import type { Config } from "./config/config.ts";
import { inboundFormat as inbounds } from "./conversation/inbounds/registry.ts";
import { Jobs } from "./engine/embedded/jobs.ts";
import { EmbeddedScheduler } from "./engine/embedded/embedded-scheduler.ts";
import { InProcessBroadcast } from "./engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "./engine/embedded/in-process-interruptions.ts";
import type { QueueConnections } from "./engine/bullmq/queue-connections.ts";
import type { Job } from "./ports/job.ts";
import type { ArchivedConversations } from "./ports/archived-conversations.ts";
import type { Archive } from "./ports/archive.ts";
import type { FileStore } from "./ports/file-store.ts";
import type { Log } from "./ports/log.ts";
import type { SecretArchive } from "./ports/secret-archive.ts";
import type { RunNextTurn, TurnScheduler } from "./ports/turn-scheduler.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { randomIds as ids } from "./runtime/ids.ts";
import type { Stores } from "./storage/stores.ts";

// Where things are kept, and what wakes conversations, as the settings say. What a setting turns on is loaded only then.

/** How long a store that is not there yet is waited for. */
export const storeWaitMs = 15_000;
const diskLimits = { maxFileBytes: 64 * 1_024 ** 2, maxTotalBytes: 1_024 ** 3 };

interface StartedScheduler extends TurnScheduler, AsyncDisposable {
  readonly start: (runNextTurn: RunNextTurn) => void;
  /** Calls `listener` when another replica has ended. Missing: there is no other. */
  readonly onEndOfOther?: (listener: () => void) => void;
}

interface Damaged {
  /** A database is damaged: the next start recovers it. */
  readonly onDamaged: () => void;
}

export async function openStores(config: Config, log: Log, ends: Damaged): Promise<Stores> {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const { SECRET_KEY: secretKeys } = config;
  if (config.REDIS_URL === undefined) {
    const { openSqliteStores } = await import("./storage/sqlite/open-sqlite-stores.ts");
    return openSqliteStores(config.DATA_DIR, { ids, inbounds, log, listeners, secretKeys, ...ends });
  }
  const { openRedisStores } = await import("./storage/redis/open-redis-stores.ts");
  const ports = { waitMs: storeWaitMs, ids, inbounds, clock, log, listeners, secretKeys };
  return openRedisStores(config.REDIS_URL, ports);
}

type WholeArchive = Archive & ArchivedConversations & SecretArchive & AsyncDisposable;

interface OpenedArchive extends AsyncDisposable {
  readonly archive: WholeArchive;
  /** In Postgres with the archive, else on disk beside it. */
  readonly files: FileStore;
}

export async function openArchive(config: Config, log: Log, ends: Damaged): Promise<OpenedArchive> {
  if (config.DATABASE_URL === undefined) {
    const warning = "the archive lies in DATA_DIR: set DATABASE_URL before a second replica runs";
    if (config.REDIS_URL !== undefined) log.warn({}, warning);
    const { openSqliteArchive } = await import("./storage/sqlite/sqlite-archive.ts");
    const { openDiskFileStore } = await import("./storage/files/disk-file-store.ts");
    await using opening = new AsyncDisposableStack();
    const archive = opening.use(await openSqliteArchive(config.DATA_DIR, { log, ...ends }));
    const folder = join(config.DATA_DIR, "files");
    const files = opening.use(await openDiskFileStore(folder, diskLimits, { clock, log }));
    const opened = opening.move();
    return { archive, files, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }
  const { openPostgresArchive } = await import("./storage/postgres/open-postgres-archive.ts");
  const archive = await openPostgresArchive(config.DATABASE_URL, { waitMs: storeWaitMs, clock, log });
  return { archive, files: archive.files, [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose]() };
}

export async function openJobs(
  config: Config,
  jobs: readonly Job[],
  connections: QueueConnections,
  log: Log,
): Promise<AsyncDisposable & { readonly start: () => void }> {
  if (config.REDIS_URL === undefined) return new Jobs(jobs, { clock, log });
  const { BullmqJobs } = await import("./engine/bullmq/bullmq-jobs.ts");
  return new BullmqJobs(jobs, { url: config.REDIS_URL, connections, log });
}

/** `worker`: this process, as the journal names it. */
export async function openScheduler(
  config: Config,
  hot: Stores,
  worker: string,
  log: Log,
): Promise<StartedScheduler> {
  const options = { turnsAtOnce: config.TURNS_AT_ONCE, shutdownMs: config.SHUTDOWN_MS, log };
  const { workers } = hot;
  if (workers === undefined) return new EmbeddedScheduler(options);
  const { ReplicaScheduler } = await import("./engine/replicas/replica-scheduler.ts");
  const { broadcast, onBack } = hot;
  return ReplicaScheduler.open({ ...options, worker, workers, broadcast, onBack, clock });
}
