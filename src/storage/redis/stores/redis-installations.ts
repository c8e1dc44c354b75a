import type { Installation } from "../../../domain/installation.ts";
import type { InstallationEntry, Installations } from "../../../ports/installations.ts";
import type { Log } from "../../../ports/log.ts";
import {
  openInstallation,
  requireInstallation,
  sealInstallation,
  type SecretKeys,
} from "../../records/sealed-installation.ts";
import { keys } from "../commands/keys.ts";
import { Redis } from "../commands/redis.ts";
import { strings } from "../commands/replies.ts";
import { connectRedis } from "../connection/connect-redis.ts";

/** For a Redis that is not reachable yet. */
const waitMs = 5_000;

/** The installations in Redis, shared by all replicas. */
export class RedisInstallations implements Installations {
  readonly #redis: Redis;
  readonly #keys: SecretKeys;

  constructor(redis: Redis, secretKeys: SecretKeys) {
    this.#redis = redis;
    this.#keys = secretKeys;
  }

  readonly put = async (installation: Installation, signal: AbortSignal): Promise<void> => {
    const { platform, id } = installation;
    const sealed = sealInstallation(installation, this.#keys);
    await this.#redis.send(["HSET", keys.installations(platform), id, sealed], signal);
  };

  readonly find = async (
    platform: string,
    id: string,
    signal: AbortSignal,
  ): Promise<Installation | undefined> => {
    const sealed = await this.#redis.send(["HGET", keys.installations(platform), id], signal);
    return typeof sealed === "string" ? requireInstallation({ platform, id }, sealed, this.#keys) : undefined;
  };

  readonly list = async (platform: string, signal: AbortSignal): Promise<readonly InstallationEntry[]> => {
    const ids = strings(await this.#redis.send(["HKEYS", keys.installations(platform)], signal)).toSorted();
    const found = ids.map(async (id) => {
      const sealed = await this.#redis.send(["HGET", keys.installations(platform), id], signal);
      if (typeof sealed !== "string") return [];
      return [{ id, isReadable: openInstallation({ platform, id }, sealed, this.#keys) !== undefined }];
    });
    return (await Promise.all(found)).flat();
  };

  readonly remove = async (platform: string, id: string, signal: AbortSignal): Promise<boolean> =>
    (await this.#redis.send(["HDEL", keys.installations(platform), id], signal)) === 1;
}

/** @throws {RedisError} that says what to do. */
export async function openRedisInstallations(
  url: string,
  secretKeys: SecretKeys,
  log: Log,
): Promise<{ readonly installations: Installations } & AsyncDisposable> {
  const { link } = await connectRedis(url, waitMs, log);
  const redis = new Redis(link);
  await redis.learnFlags(new AbortController().signal);
  return {
    installations: new RedisInstallations(redis, secretKeys),
    [Symbol.asyncDispose]: async () => link.close(),
  };
}
