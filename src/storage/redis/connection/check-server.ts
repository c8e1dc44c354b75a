import type { Log } from "../../../ports/log.ts";
import { RedisError } from "./redis-error.ts";

interface Asked {
  readonly sendCommand: (command: string[]) => Promise<unknown>;
}

const oldestVersion = [6, 2] as const;

/**
 * Tries a write, which fails without the password, on a read-only replica and for a user without rights.
 * @throws {RedisError} for a cluster, a Sentinel or a too old server; what the client throws if the write is refused.
 */
export async function refuseUnusable(client: Asked): Promise<void> {
  const reply = await client.sendCommand(["INFO", "server"]).catch(() => undefined);
  const info = typeof reply === "string" ? reply : "";
  refuseOld(info);
  const [, mode] = /^redis_mode:(\w+)/mu.exec(info) ?? [];
  if (mode === "cluster") {
    throw new RedisError(
      "REDIS_URL: this Redis runs as a cluster, which is not supported. Give the address of a single primary",
    );
  }
  if (mode === "sentinel") {
    throw new RedisError(
      "REDIS_URL: this is a Sentinel, whose address begins with redis+sentinel:// and ends in the primary's name",
    );
  }
  await client.sendCommand(["DEL", "threadkeeper::start"]).catch(throwUnlessMissingRight);
}

/** A server that doesn't tell its version is accepted. */
function refuseOld(info: string): void {
  const [, version = "", major, minor] = /^redis_version:((\d+)\.(\d+)\S{0,20})/mu.exec(info) ?? [];
  const [leastMajor, leastMinor] = oldestVersion;
  const isNew = Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor);
  if (version === "" || isNew) return;
  throw new RedisError(
    `REDIS_URL: this Redis has version ${version}, and ${oldestVersion.join(".")} or newer is needed. Upgrade it, or give another server`,
  );
}

/** Warns if the server may lose data, and says which setting to change. */
export async function warnOfDataLoss(client: Asked, log: Log): Promise<void> {
  const [policy, appendOnly] = await Promise.all([
    setting(client, "maxmemory-policy"),
    setting(client, "appendonly"),
  ]);
  if (policy !== undefined && policy !== "noeviction") {
    log.warn({ policy }, "Redis may evict memories when it is full; set maxmemory-policy to noeviction");
  }
  if (appendOnly === "no") {
    log.warn({}, "Redis loses memories when it restarts; set appendonly to yes");
  }
}

/** Undefined if the server doesn't tell, as many managed ones don't. */
async function setting(client: Asked, name: string): Promise<string | undefined> {
  const reply = await client.sendCommand(["CONFIG", "GET", name]).catch(() => undefined);
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** Missing rights are checked in detail afterwards. */
function throwUnlessMissingRight(error: unknown): void {
  const message = error instanceof Error ? error.message : "";
  if (message.startsWith("READONLY")) {
    throw new RedisError(
      `REDIS_URL: this Redis is a replica and takes no writes (${message}) Give the address of the primary`,
      { cause: error },
    );
  }
  if (!message.startsWith("NOPERM")) throw error;
}
