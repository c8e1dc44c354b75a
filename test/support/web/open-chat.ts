import { join } from "node:path";

import type { CommandDefinition } from "../../../src/domain/command.ts";
import type { Inbound, InboxEntry } from "../../../src/domain/inbound.ts";
import type { DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { openWeb, type WebPlatform } from "../../../src/platforms/web/web-platform.ts";
import type { Broadcast } from "../../../src/ports/broadcast.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import { InboxError, type Acceptance, type Inbox } from "../../../src/ports/inbox.ts";
import type { FileStore } from "../../../src/ports/file-store.ts";
import { MemoryError } from "../../../src/ports/memory.ts";
import type { Post } from "../../../src/domain/post.ts";
import type { UsageCounters } from "../../../src/ports/usage.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { HttpServer } from "../../../src/runtime/http/http-server.ts";
import { Proxies } from "../../../src/runtime/http/proxies.ts";
import { TokenCheck } from "../../../src/runtime/http/token-check.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { readOrMakeKey } from "../../../src/storage/sqlite/disk/key-file.ts";
import { InMemoryFiles } from "../core/in-memory-files.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** The web chat alone, over a core that the test plays. */
export interface Chat extends AsyncDisposable {
  readonly url: string;
  readonly web: WebPlatform;
  readonly log: RecordingLog;
  readonly accepted: readonly Inbound[];
  readonly memories: Map<string, ConversationMemory>;
  /** What was accepted. The test empties it where a turn has finished. */
  readonly inbox: InboxEntry[];
  readonly entries: DirectoryEntry[];
  /** What is held waits for its promise. */
  readonly switches: {
    isStoreDown: boolean;
    isMemoryDown: boolean;
    hold: Promise<void>;
    holdList: Promise<void>;
    holdMemory: Promise<void>;
  };
  /** How often the chat has begun to store something. */
  readonly accepting: () => number;
  /** How often the chat has begun to read memory. */
  readonly recalls: () => number;
  /** Where the last thing said is answered. */
  readonly replyTo: () => ReplyAddress;
  readonly post: (text: string, more?: Partial<Post>) => Post;
}

export interface ChatOptions {
  /** One, or several with commas between. */
  readonly token?: string;
  readonly isClosed?: boolean;
  readonly trustedProxy?: readonly string[];
  readonly publicUrl?: string;
  readonly dataDir?: string;
  /** What it shares with other replicas. */
  readonly broadcast?: Broadcast;
  readonly memories?: Map<string, ConversationMemory>;
  readonly entries?: DirectoryEntry[];
  readonly clock?: Clock;
  readonly archive?: Archive;
  readonly commands?: readonly CommandDefinition[];
  readonly inbox?: InboxEntry[];
  /** Instead of what was accepted. */
  readonly waiting?: Inbox["waiting"];
  /** What may be ordered from one address in a day, and who counts it. */
  readonly addressTurns?: number;
  readonly usage?: UsageCounters;
  readonly files?: FileStore;
  readonly hearsVoice?: boolean;
}

const uncounted: UsageCounters = {
  charge: async () => undefined,
  adjust: () => undefined,
  read: async (counters) => counters.map(() => 0),
  enter: async () => true,
  leave: () => undefined,
};

/** What the chat offers unless told otherwise. */
const chatCommands: readonly CommandDefinition[] = [
  { name: "reset", description: "Start afresh", options: [], scope: "conversation" },
  {
    name: "recall",
    description: "Find what was said",
    options: [{ word: "share", description: "show it to everybody" }],
    text: { name: "words", description: "some words of it", isRequired: true, pattern: /\w/u },
    scope: "place",
  },
  { name: "forget", description: "Delete your data", options: [], scope: "place" },
  { name: "help", description: "What I can do", options: [], scope: "place" },
];

export async function openChat(options: ChatOptions = {}): Promise<Chat> {
  const opened = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? opened.use(temporaryFolder()).path;
  const log = new RecordingLog();
  const accepted: Inbound[] = [];
  const seen = new Set<string>();
  const memories = options.memories ?? new Map<string, ConversationMemory>();
  const inbox = options.inbox ?? [];
  const entries = options.entries ?? [];
  const nothing = Promise.resolve();
  const switches = {
    isStoreDown: false,
    isMemoryDown: false,
    hold: nothing,
    holdList: nothing,
    holdMemory: nothing,
  };
  let accepting = 0;
  let recalls = 0;
  const http = opened.use(
    new HttpServer(
      (error) => log.error({ err: error }, "an HTTP request failed"),
      {},
      options.publicUrl === undefined ? "/" : new URL(options.publicUrl).pathname,
    ),
  );
  const clock = options.clock ?? systemClock;
  const accept = async (inbound: Inbound): Promise<Acceptance> => {
    accepting += 1;
    await switches.hold;
    if (switches.isStoreDown) throw new InboxError("disk full");
    if (seen.has(inbound.dedupeId)) return "duplicate";
    seen.add(inbound.dedupeId);
    accepted.push(inbound);
    inbox.push({ id: `${inbox.length}`, seq: inbox.length, acceptedAtMs: clock.nowMs(), inbound });
    return "stored";
  };
  const proxies = new Proxies(options.trustedProxy ?? []);
  const web = opened.use(
    await openWeb({
      settings: {
        cookieKey: readOrMakeKey(join(dataDir, "web-cookie.key")),
        isClosed: options.isClosed === true,
        addressTurns: options.addressTurns ?? 0,
      },
      proxies,
      publicUrl: options.publicUrl,
      tokenCheck: new TokenCheck({ tokens: options.token?.split(",") ?? [], proxies, clock }),
      usage: options.usage ?? uncounted,
      broadcast: options.broadcast ?? new InProcessBroadcast(),
      accept,
      directory: {
        locate: async () => undefined,
        quoting: async () => [],
        recent: async (_platform, place) => {
          const found = entries.filter((entry) => entry.place === place);
          await switches.holdList;
          return found;
        },
        all: async () => entries,
        entry: async (conversation) => {
          const found = entries.find((entry) => entry.conversation === conversation);
          await switches.holdList;
          return found;
        },
        rename: async (conversation, title) => {
          const index = entries.findIndex((entry) => entry.conversation === conversation);
          const [, place = ""] = conversation.split(":");
          const known = entries[index] ?? { conversation, platform: "web", place, lastAtMs: 1 };
          if (index >= 0) entries.splice(index, 1);
          entries.push({ ...known, title });
        },
        active: async () => [],
        ofAuthor: async () => [],
        writtenSince: async () => [],
      },
      memories: {
        read: async (conversation) => {
          if (switches.isMemoryDown) throw new MemoryError("away");
          recalls += 1;
          const memory = memories.get(conversation);
          await switches.holdMemory;
          return memory === undefined ? {} : { memory };
        },
      },
      ...(options.archive === undefined ? {} : { archive: options.archive }),
      inbox: {
        waiting:
          options.waiting ??
          (async (conversation, _, afterSeq = -1) =>
            inbox
              .filter(({ seq, inbound }) => inbound.conversation === conversation && seq > afterSeq)
              .slice(0, 200)),
      },
      commands: options.commands ?? chatCommands,
      http,
      files: options.files ?? new InMemoryFiles(),
      hearsVoice: options.hearsVoice === true,
      log,
      clock,
      ids: randomIds,
      isDemo: true,
    }),
  );
  const { url } = await http.listen("127.0.0.1", 0);
  return {
    url,
    web,
    log,
    accepted,
    memories,
    inbox,
    entries,
    switches,
    accepting: () => accepting,
    recalls: () => recalls,
    replyTo: () => {
      const said = accepted.findLast((inbound) => inbound.kind === "said");
      return said?.replyTo ?? { platform: "web", target: {} };
    },
    post: (text, more = {}) => ({ turn: "t1", part: 0, covers: ["1"], text, state: "writing", ...more }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
