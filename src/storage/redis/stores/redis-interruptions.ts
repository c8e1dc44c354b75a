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

/** ARGV: maximum length, conversation, interruption. */
const add = script(`
redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[1], "*", "conversation", ARGV[2], "interruption", ARGV[3])
`);

const entrySchema = z.object({ conversation: z.string(), interruption: z.string() });
const name = z.string().optional();
const interruptions: z.ZodType<Interruption> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("question-changed"), message: z.string(), inbound: name }),
  z.object({ kind: z.literal("stopped"), inbound: name, turn: name, pressedAtMs: z.number().optional() }),
  z.object({ kind: z.literal("command"), inbound: name }),
]);

interface Ports {
  readonly connected: ConnectedRedis;
  readonly redis: Redis;
  /** Interrupts the turns of this replica. */
  readonly local: Interruptions;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Carries interruptions to the replica that runs the turn. Each replica reads a stream from its last position, so
 * that a lost connection loses none, unlike publish and subscribe.
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
    this.#reader = ports.connected.openAnotherLink({ silenceMs, isPinged: false });
  }

  /** @throws {StoreError} if Redis can't be reached. */
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
          await this.#deliver(message);
          last = id;
        }
      } catch {
        // The connection is lost and comes back by itself.
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  async #deliver(message: unknown): Promise<void> {
    try {
      const { conversation, interruption } = entrySchema.parse(message);
      const read = interruptions.parse(JSON.parse(interruption));
      await this.#ports.local.interrupt(conversationKey(conversation), read, this.#closing.signal);
    } catch (error) {
      this.#ports.log.error(
        { err: error },
        "an unreadable interruption was skipped; do all replicas run the same version?",
      );
    }
  }
}

const entries = z.array(z.tuple([z.string(), z.array(z.string())]));
const streams = z.array(z.tuple([z.string(), z.unknown()]));

function newestIn(reply: unknown) {
  return reply === null ? [] : streams.parse(reply).flatMap(([, read]) => entriesIn(read));
}

/** The reply's form: an id, then field names and values alternately. */
function entriesIn(reply: unknown): readonly { readonly id: string; readonly message: unknown }[] {
  return entries.parse(reply).map(([id, [, conversation, , interruption]]) => ({
    id,
    message: { conversation, interruption },
  }));
}
