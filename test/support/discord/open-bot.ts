import { chosenMessagesIn } from "../../../src/conversation/command/chosen-messages.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { meaningOf } from "../../../src/conversation/inbounds/press-actions.ts";
import type { CommandDefinition } from "../../../src/domain/command.ts";
import type { ConversationKey, DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { Downtime, CommandInbound, Inbound, Said } from "../../../src/domain/inbound.ts";
import type { RateLimits } from "../../../src/ports/rate-limits.ts";
import { InMemoryFiles } from "../core/in-memory-files.ts";
import { clockAt } from "../clock-at.ts";
import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";
import { openDiscord } from "../../../src/platforms/discord/open-discord.ts";
import { type DiscordPlatform } from "../../../src/platforms/discord/discord-platform.ts";
import type { Accept } from "../../../src/ports/accept.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Directory } from "../../../src/ports/directory.ts";
import { ArchiveError } from "../../../src/ports/archive.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { Post } from "../../../src/domain/post.ts";
import { opensIn } from "../core/opens-conversation.ts";
import type { ReplyMode } from "../../../src/domain/turn-settings.ts";
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

/** They change what is remembered, and begin nothing. */
const changes: ReadonlySet<Inbound["kind"]> = new Set(["edited", "deleted", "erased"]);

/** Takes what the platform hands over, as the core would. */
export class Core {
  readonly accepted: Inbound[] = [];
  readonly entries: DirectoryEntry[] = [];
  readonly #located = new Map<string, ConversationKey>();
  readonly #seen = new Set<string>();
  /** The same everywhere; set it before the platform opens. */
  replyMode: ReplyMode = "thread";
  /** Storing, or listing conversations, fails so many times. */
  outages = 0;
  tries = 0;
  /** Listing conversations never ends. */
  hangs = false;
  /** Nothing is known of any conversation: presses in it come too late. */
  isForgetful = false;
  /** Only the archive knows of what is not located here, and it can't be asked. */
  isArchiveAway = false;
  /** Storing waits for it. */
  gate: Promise<void> = Promise.resolve();

  readonly accept: Accept = async (inbound, signal) => {
    this.tries += 1;
    await this.gate;
    // What nobody waits for any more is not stored.
    signal.throwIfAborted();
    this.#mayFail();
    if (changes.has(inbound.kind) && !this.#knows(inbound.conversation)) return "ignored";
    if (inbound.kind === "pressed" && this.isForgetful) return "ignored";
    if (this.#seen.has(dedupeIdOf(inbound))) return "duplicate";
    this.#seen.add(dedupeIdOf(inbound));
    this.accepted.push(inbound);
    if (inbound.kind === "said") this.locate(inbound.place, inbound.message.id, inbound.conversation);
    return "stored";
  };

  readonly directory: Directory = {
    locate: async (_, place, message) => {
      const located = this.#located.get(`${place} ${message}`);
      if (located === undefined && this.isArchiveAway) throw new ArchiveError("away");
      return located;
    },
    quoting: async () => [],
    all: async (...where) => {
      if (this.isArchiveAway) throw new ArchiveError("away");
      return this.directory.recent(...where);
    },
    recent: async (_, place, limit) => {
      if (this.hangs) await new Promise(() => undefined);
      this.#mayFail();
      return this.entries.filter((entry) => entry.place === place).slice(0, limit);
    },
    entry: async (conversation) => {
      this.#mayFail();
      return this.entries.find((entry) => entry.conversation === conversation);
    },
    rename: async () => undefined,
    active: async () => [],
    ofAuthor: async () => [],
    writtenSince: async () => [],
  };

  /** As the end of a turn does for the bot's own posts. */
  locate(place: string, message: string, conversation: ConversationKey): void {
    this.#located.set(`${place} ${message}`, conversation);
  }

  /** As what was read, and not heard: it is listed nowhere. */
  forgetWhere(message: string): void {
    for (const key of this.#located.keys()) {
      if (key.endsWith(` ${message}`)) this.#located.delete(key);
    }
  }

  list(place: string, conversation: ConversationKey, title: string): void {
    this.entries.push({ platform: "discord", place, conversation, title, lastAtMs: Date.now() - 3_600_000 });
  }

  #knows(conversation: ConversationKey): boolean {
    const isListed = this.entries.some((entry) => entry.conversation === conversation);
    return isListed || this.accepted.some((each) => each.conversation === conversation);
  }

  #mayFail(): void {
    if (this.outages === 0) return;
    this.outages -= 1;
    throw new Error("The store is away");
  }

  get said(): readonly Said[] {
    return this.accepted.filter((inbound) => inbound.kind === "said");
  }

  get commanded(): readonly CommandInbound[] {
    return this.accepted.flatMap((inbound) => {
      const meant = inbound.kind === "pressed" ? meaningOf(inbound, Date.now()) : inbound;
      return meant.kind === "commanded" ? [meant] : [];
    });
  }
}

/** A press counts as what it means. */
function dedupeIdOf(inbound: Inbound): string {
  return inbound.kind === "pressed" ? meaningOf(inbound, Date.now()).dedupeId : inbound.dedupeId;
}

const commands: readonly CommandDefinition[] = [
  { name: "reset", description: "Start afresh", options: [], scope: "conversation" },
  {
    name: "summary",
    description: "Tell what was said",
    options: [{ word: "share", description: "show it to everybody" }],
    text: {
      name: "since",
      description: "only since then",
      isRequired: false,
      suggest: (typed) => ["today", "yesterday", "x".repeat(101)].filter((each) => each.includes(typed)),
    },
    scope: "conversation",
  },
  {
    name: "recall",
    description: "Find what was said",
    options: [
      { word: "share", description: "show it to everybody" },
      { word: "old", description: "also what is old" },
    ],
    text: { name: "words", description: "some words of it", isRequired: true },
    scope: "place",
  },
  {
    name: "help",
    description: "What it can do",
    options: [{ word: "all", description: "in all languages" }],
    scope: "place",
    worksAnywhere: true,
  },
];

interface LogLine {
  readonly level: keyof Log;
  readonly facts: unknown;
  readonly message: string;
}

/** The adapter, at work against a stand-in. */
export interface OpenBot extends AsyncDisposable {
  readonly platform: DiscordPlatform;
  readonly core: Core;
  readonly files: InMemoryFiles;
  readonly clock: QuickClock;
  readonly log: readonly LogLine[];
  readonly fatal: readonly string[];
  readonly gaps: readonly Downtime[];
}

/** Limits are counted as fast as waits are over, unless the test gives its own count. */
export async function openBot(
  discord: DiscordStandIn,
  core = new Core(),
  rateLimits: RateLimits = new InProcessRateLimits(clockAt(100).nowMs),
  settings: { readonly readsContent?: boolean } = {},
): Promise<OpenBot> {
  const log: LogLine[] = [];
  const fatal: string[] = [];
  const gaps: Downtime[] = [];
  const files = new InMemoryFiles();
  const note = (level: keyof Log) => (facts: unknown, message: string) =>
    void log.push({ level, facts, message });
  const clock = new QuickClock();
  const erasureRequests = { cutoffs: async () => new Map<string, number>() };
  const platform = await openDiscord({
    settings: { token: discord.token, apiUrl: discord.apiUrl, ...settings },
    accept: core.accept,
    opensConversation: opensIn(core.replyMode),
    directory: core.directory,
    commands,
    chosenMessages: chosenMessagesIn({ files, clock, ids: randomIds, erasureRequests }),
    clock,
    files,
    rateLimits,
    log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
    onFatal: (why) => fatal.push(why),
    onGap: (downtime) => gaps.push(downtime),
  });
  return {
    platform,
    core,
    files,
    clock,
    log,
    fatal,
    gaps,
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}

export const never = new AbortController().signal;

export function post(text: string, fields: Partial<Post> = {}): Post {
  return { turn: "turn-1", part: 0, covers: [], state: "done", ...fields, text };
}
