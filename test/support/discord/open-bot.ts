import type { ConversationKey, DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { Commanded, Inbound, Said } from "../../../src/domain/inbound.ts";
import { openDiscord, type DiscordPlatform } from "../../../src/platforms/discord/discord-platform.ts";
import type { Accept } from "../../../src/ports/accept.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Directory } from "../../../src/ports/directory.ts";
import type { Post } from "../../../src/ports/platform.ts";
import type { DiscordStandIn } from "./discord-stand-in.ts";

/** A clock that can be put forward; waiting takes a hundredth of the time, unless slowed down. */
class QuickClock implements Clock {
  aheadMs = 0;
  speed = 100;
  readonly nowMs = () => Date.now() + this.aheadMs;
  readonly sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms / this.speed);
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    await promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
  };
}

/** Takes what the platform hands over, as the core would. */
export class Core {
  readonly accepted: Inbound[] = [];
  readonly entries: DirectoryEntry[] = [];
  readonly #located = new Map<string, ConversationKey>();
  /** Storing fails so many times. */
  outages = 0;
  tries = 0;
  /** Storing waits for it. */
  gate: Promise<void> = Promise.resolve();

  readonly accept: Accept = async (inbound) => {
    this.tries += 1;
    await this.gate;
    if (this.outages > 0) {
      this.outages -= 1;
      throw new Error("The store is away");
    }
    if (this.accepted.some(({ dedupeId }) => dedupeId === inbound.dedupeId)) return "duplicate";
    this.accepted.push(inbound);
    if (inbound.kind === "said") this.locate(inbound.place, inbound.message.id, inbound.conversation);
    return "stored";
  };

  readonly directory: Directory = {
    locate: async (_, place, message) => this.#located.get(`${place} ${message}`),
    recent: async (_, place, limit) => this.entries.filter((entry) => entry.place === place).slice(0, limit),
    rename: async () => undefined,
  };

  /** As the end of a turn does for the bot's own posts. */
  locate(place: string, message: string, conversation: ConversationKey): void {
    this.#located.set(`${place} ${message}`, conversation);
  }

  list(place: string, conversation: ConversationKey, title: string): void {
    this.entries.push({ platform: "discord", place, conversation, title, lastAtMs: Date.now() - 3_600_000 });
  }

  get said(): readonly Said[] {
    return this.accepted.filter((inbound) => inbound.kind === "said");
  }

  get commanded(): readonly Commanded[] {
    return this.accepted.filter((inbound) => inbound.kind === "commanded");
  }
}

const commands = [
  { name: "reset", description: "Start afresh", options: [] },
  {
    name: "summary",
    description: "Tell what was said",
    options: [{ word: "share", description: "show it to everybody" }],
  },
];

/** The adapter, at work against a stand-in. */
export interface OpenBot extends AsyncDisposable {
  readonly platform: DiscordPlatform;
  readonly core: Core;
  readonly clock: QuickClock;
  readonly log: readonly { readonly facts: unknown; readonly message: string }[];
  readonly fatal: readonly string[];
}

export async function openBot(discord: DiscordStandIn, core = new Core()): Promise<OpenBot> {
  const log: { facts: unknown; message: string }[] = [];
  const fatal: string[] = [];
  const note = (facts: unknown, message: string) => void log.push({ facts, message });
  const clock = new QuickClock();
  const platform = await openDiscord({
    settings: { token: discord.token, apiUrl: discord.apiUrl },
    accept: core.accept,
    directory: core.directory,
    commands,
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    onFatal: (why) => fatal.push(why),
  });
  return { platform, core, clock, log, fatal, [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose]() };
}

export const never = new AbortController().signal;

export function post(text: string, fields: Partial<Post> = {}): Post {
  return { turn: "turn-1", part: 0, covers: [], state: "done", ...fields, text };
}
