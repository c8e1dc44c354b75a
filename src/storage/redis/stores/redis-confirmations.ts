import type { PendingConfirmation } from "../../../domain/conversation-memory.ts";
import { confirmationKeptMs, type Confirmations } from "../../../ports/confirmations.ts";
import { readConfirmation } from "../../records/confirmation-schema.ts";
import { keys } from "../commands/keys.ts";
import type { Redis } from "../commands/redis.ts";

/** The open questions of commands in Redis, shared by all replicas. */
export class RedisConfirmations implements Confirmations {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly put = async (platform: string, asked: PendingConfirmation, signal: AbortSignal): Promise<void> => {
    const key = keys.confirmation(platform, asked.by);
    await this.#redis.send(["SET", key, JSON.stringify(asked), "PX", confirmationKeptMs], signal);
  };

  readonly find = async (
    platform: string,
    person: string,
    signal: AbortSignal,
  ): Promise<PendingConfirmation | undefined> =>
    readConfirmation(await this.#redis.send(["GET", keys.confirmation(platform, person)], signal));

  readonly drop = async (platform: string, person: string, signal: AbortSignal): Promise<void> => {
    await this.#redis.send(["DEL", keys.confirmation(platform, person)], signal);
  };
}
