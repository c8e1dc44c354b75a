import { z } from "zod";

import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Interruption } from "../../../domain/turn.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Interruptions } from "../../../ports/turn-scheduler.ts";
import type { ConnectedRedis } from "../connection/connect-redis.ts";
import { keys } from "../commands/keys.ts";
import type { RedisLink } from "../connection/redis-link.ts";
import { script, type Redis } from "../commands/redis.ts";

const blockMs = 2_000;
const silenceMs = 5_000;
const retryMs = 500;
/** More than can happen in the longest outage that a turn survives. */
const maxStored = 10_000;

/** ARGV: how many are kept, conversation, interruption. */
const add = script(`
redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[1], "*", "conversation", ARGV[2], "interruption", ARGV[3])
`);

const noted = z.object({ conversation: z.string(), interruption: z.string() });
const interruptions: z.ZodType<Interruption> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("question-changed"), message: z.string() }),
  z.object({ kind: z.literal("stopped") }),
  z.object({ kind: z.literal("command") }),
]);

interface Ports {
  readonly connected: ConnectedRedis;
  readonly redis: Redis;
  /** The ears of this replica's turns. */
  readonly local: Interruptions;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Carries interruptions to whichever replica runs the turn, through a stream that each replica reads from where it
 * was: other than with publish and subscribe, a lost connection loses none.
 */
export class RedisInterruptions implements Interruptions, AsyncDisposable {
  readonly watch: Interruptions["watch"];
  readonly #ports: Ports;
  readonly #reader: RedisLink;
  readonly #closing = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  private constructor(ports: Ports) {
    this.#ports = ports;
    this.watch = ports.local.watch;
    this.#reader = ports.connected.another({ silenceMs, isPinged: false });
  }

  /** @throws {StoreError} when Redis is away. */
  static async open(ports: Ports): Promise<RedisInterruptions> {
    const opened = new RedisInterruptions(ports);
    await opened.#start();
    return opened;
  }

  readonly interrupt = async (
    conversation: ConversationKey,
    interruption: Interruption,
    signal: AbortSignal,
  ): Promise<void> => {
    const values = [maxStored, conversation, JSON.stringify(interruption)];
    await this.#ports.redis.run(add, [keys.interruptions], values, signal);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#reader.close();
    await this.#reading;
  }

  async #start(): Promise<void> {
    const newest = ["XREVRANGE", keys.interruptions, "+", "-", "COUNT", 1];
    const [last] = entriesIn(await this.#ports.redis.send(newest, this.#closing.signal));
    await this.#reader.connect();
    this.#reading = this.#readFrom(last?.id ?? "0-0");
  }

  async #readFrom(start: string): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#closing;
    let last = start;
    while (!signal.aborted) {
      try {
        const read = ["XREAD", "BLOCK", String(blockMs), "COUNT", "1000"];
        const streams = await this.#reader.sendCommand([...read, "STREAMS", keys.interruptions, last]);
        for (const { id, message } of newestIn(streams)) {
          await this.#hand(message);
          last = id;
        }
      } catch {
        // The connection is away, and comes back by itself.
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  async #hand(message: unknown): Promise<void> {
    try {
      const { conversation, interruption } = noted.parse(message);
      const read = interruptions.parse(JSON.parse(interruption));
      await this.#ports.local.interrupt(conversationKey(conversation), read, this.#closing.signal);
    } catch (error) {
      this.#ports.log.error({ err: error }, "an unreadable interruption was passed over");
    }
  }
}

const entries = z.array(z.tuple([z.string(), z.array(z.string())]));
const streams = z.array(z.tuple([z.string(), z.unknown()]));

function newestIn(reply: unknown) {
  return reply === null ? [] : streams.parse(reply).flatMap(([, read]) => entriesIn(read));
}

/** As Redis gives them: an id, then names and values in turn. */
function entriesIn(reply: unknown): readonly { readonly id: string; readonly message: unknown }[] {
  return entries.parse(reply).map(([id, [, conversation, , interruption]]) => ({
    id,
    message: { conversation, interruption },
  }));
}
