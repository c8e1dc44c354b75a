import { randomBytes } from "node:crypto";

import KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";

import type { Broadcast } from "../../ports/broadcast.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { InboundFormat } from "../../ports/inbound-format.ts";
import type { Log } from "../../ports/log.ts";
import { StoreError } from "../../ports/store-error.ts";
import { deserialize } from "../keyv/keyv-bytes.ts";
import { KeyvMemory } from "../keyv/keyv-memory.ts";
import { HeldMemories } from "../keyv/held-memories.ts";
import { MemoryPages } from "../keyv/memory-pages.ts";
import type { SecretKeys } from "../records/sealed-installation.ts";
import type { LocalListeners, Stores } from "../stores.ts";
import { connectRedis, type ConnectedRedis } from "./connection/connect-redis.ts";
import { keys } from "./commands/keys.ts";
import { openRedisBroadcast } from "./stores/redis-broadcast.ts";
import { RedisDeadLetters } from "./stores/redis-dead-letters.ts";
import { RedisConfirmations } from "./stores/redis-confirmations.ts";
import { RedisDelayedErasures } from "./stores/redis-delayed-erasures.ts";
import { RedisDirectory } from "./stores/redis-directory.ts";
import { RedisEviction } from "./stores/redis-eviction.ts";
import { ErasedPages } from "./stores/redis-erased-pages.ts";
import { RedisErasureRequests } from "./stores/redis-erasure-requests.ts";
import { RedisInbox } from "./stores/redis-inbox.ts";
import { RedisInstallations } from "./stores/redis-installations.ts";
import { RedisInterruptions } from "./stores/redis-interruptions.ts";
import { RedisJournal } from "./stores/redis-journal.ts";
import { RedisLocks } from "./stores/redis-locks.ts";
import { RedisMemoryWriter } from "./stores/redis-memory-writer.ts";
import { RedisOutbox } from "./stores/redis-outbox.ts";
import { RedisPreferences } from "./stores/redis-preferences.ts";
import { RedisPresence } from "./stores/redis-presence.ts";
import { RedisRenamings } from "./stores/redis-renamings.ts";
import { RedisRateLimits } from "./stores/redis-rate-limits.ts";
import { RedisUsage } from "./stores/redis-usage.ts";
import { RedisArchivedMarks } from "./stores/redis-archived-marks.ts";
import type { RedisLink } from "./connection/redis-link.ts";
import { RedisWorkers } from "./stores/redis-workers.ts";
import { RedisScrubber } from "./stores/redis-scrubber.ts";
import { Redis } from "./commands/redis.ts";
import { ServerTime } from "./commands/server-time.ts";
import { WriteProbe } from "./connection/write-probe.ts";
import { upgrade } from "./upgrade.ts";

const namespace = "threadkeeper";
const cookieKeyBytes = 32;

export interface RedisStorePorts {
  /** How long to wait for a Redis that is not reachable yet. */
  readonly waitMs: number;
  readonly ids: Ids;
  readonly inbounds: InboundFormat;
  readonly clock: Clock;
  readonly log: Log;
  readonly listeners: LocalListeners;
  /** Missing: none. */
  readonly secretKeys?: SecretKeys;
}

/** All hot stores in one Redis, for any number of replicas. @throws {RedisError} that says what to do. */
export async function openRedisStores(url: string, ports: RedisStorePorts): Promise<Stores> {
  const connected = await connectRedis(url, ports.waitMs, ports.log);
  try {
    return await storesOn(connected, ports);
  } catch (error) {
    // A StoreError only says that something was refused.
    throw error instanceof StoreError ? connected.startFaultFor(error.cause) : error;
  }
}

async function storesOn(connected: ConnectedRedis, ports: RedisStorePorts): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const { ids, inbounds, clock, log, listeners } = ports;
  const { link } = connected;
  // Every write was awaited, and a frozen server must not delay the exit.
  opening.defer(link.close);
  const redis = new Redis(link);
  await redis.learnFlags(new AbortController().signal);
  await upgrade(redis, inbounds, new AbortController().signal);
  const broadcast = opening.use(await openRedisBroadcast(connected, listeners.broadcast, log));
  const probe = opening.use(new WriteProbe({ link, clock, log }));
  probe.start();
  const interrupting = { connected, redis, local: listeners.interruptions, clock, log };
  const interruptions = opening.use(await RedisInterruptions.open(interrupting));
  const { reader, memories, erasedPages } = openMemories(link, broadcast);
  opening.use(erasedPages);
  const inbox = new RedisInbox(redis, { ids, log, inbounds });
  const stores = {
    name: "store",
    health: probe.health,
    inbox,
    journal: new RedisJournal(redis, { inbox, memories, erasedPages, ids, log }),
    memories: reader,
    directory: new RedisDirectory(redis),
    ...openSmallStores(redis),
    ...openCounters(redis, opening, log),
    installations: new RedisInstallations(redis, ports.secretKeys ?? []),
    outbox: new RedisOutbox(redis, memories),
    eviction: new RedisEviction(redis, memories),
    deadLetters: new RedisDeadLetters(redis, inbounds),
    interruptions,
    broadcast,
    onBack: link.onUp,
    scrub: new RedisScrubber(redis, log).scrub,
    cookieKey: await readOrMakeCookieKey(redis),
    replaceCookieKey: async (key: Uint8Array, signal: AbortSignal): Promise<void> => {
      await redis.send(["SET", keys.cookieKey, Buffer.from(key).toString("base64")], signal);
    },
  };
  return Object.assign(stores, disposedWith(opening.move()));
}

function openMemories(link: RedisLink, broadcast: Broadcast) {
  const { keyv, adapter } = keyvOn(link);
  const held = new HeldMemories();
  const pages = new MemoryPages(held);
  return {
    reader: new KeyvMemory(keyv, pages),
    memories: new RedisMemoryWriter((key) => adapter.createKeyPrefix(key, namespace), pages),
    erasedPages: new ErasedPages(broadcast, held),
  };
}

function disposedWith(opened: AsyncDisposableStack): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** The stores that hold something other than conversations. */
function openSmallStores(redis: Redis) {
  return {
    presence: new RedisPresence(redis),
    workers: new RedisWorkers(redis),
    renamings: new RedisRenamings(redis),
    delayedErasures: new RedisDelayedErasures(redis),
    confirmations: new RedisConfirmations(redis),
    preferences: new RedisPreferences(redis),
    erasureRequests: new RedisErasureRequests(redis),
    archivedMarks: new RedisArchivedMarks(redis),
    locks: new RedisLocks(redis),
  };
}

/** Closing them tells Redis what they still keep to themselves. */
function openCounters(redis: Redis, opening: AsyncDisposableStack, log: Log) {
  return {
    usage: opening.use(new RedisUsage(redis, log)),
    rateLimits: opening.use(new RedisRateLimits(redis, new ServerTime(redis))),
  };
}

function keyvOn({ client }: RedisLink): { readonly keyv: Keyv; readonly adapter: KeyvRedis<unknown> } {
  const adapter = new KeyvRedis(client, { throwOnErrors: true, throwOnConnectError: true });
  const keyv = new Keyv({ store: adapter, namespace, useKeyPrefix: false, throwOnErrors: true, deserialize });
  // Keyv passes its namespace to the adapter. The client's own listener reports faults; without this one Keyv would
  // end the process.
  keyv.on("error", () => undefined);
  return { keyv, adapter };
}

/** Created by the first replica and used by all. */
async function readOrMakeCookieKey(redis: Redis): Promise<Uint8Array> {
  const signal = new AbortController().signal;
  const made = randomBytes(cookieKeyBytes).toString("base64");
  // If the key exists, a full server needs to accept no write.
  if ((await redis.send(["GET", keys.cookieKey], signal)) === null)
    await redis.send(["SET", keys.cookieKey, made, "NX"], signal);
  return Buffer.from(String(await redis.send(["GET", keys.cookieKey], signal)), "base64");
}
