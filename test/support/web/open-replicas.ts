import { vi } from "vitest";

import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import type { DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { InboxEntry } from "../../../src/domain/inbound.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { InMemoryFiles } from "../core/in-memory-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { openChat, type Chat, type ChatOptions } from "./open-chat.ts";
import { Wire, type WireEnd } from "./wire.ts";

/** A web chat that has a wire to the others. */
export interface Replica extends Chat {
  readonly end: WireEnd;
}

/** Web chats behind one balancer: one memory, one key, one store of files, a wire between them. */
export interface Replicas extends AsyncDisposable {
  readonly wire: Wire;
  readonly files: InMemoryFiles;
  readonly memories: Map<string, ConversationMemory>;
  /** What was accepted. The test empties it where a turn has finished. */
  readonly inbox: InboxEntry[];
  /** Starts one more. */
  readonly open: () => Promise<Replica>;
  /** Lets time pass on all of them. */
  readonly pass: (ms: number) => void;
}

export function openReplicas(options: Pick<ChatOptions, "archive"> = {}): Replicas {
  const opened = new AsyncDisposableStack();
  const { path: dataDir } = opened.use(temporaryFolder());
  // What they do every so often happens when the test says so.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  opened.defer(() => void vi.useRealTimers());
  const wire = new Wire();
  const files = new InMemoryFiles();
  const memories = new Map<string, ConversationMemory>();
  const inbox: InboxEntry[] = [];
  const entries: DirectoryEntry[] = [];
  let passedMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => Date.now() + passedMs };
  return {
    wire,
    files,
    memories,
    inbox,
    open: async () => {
      const end = wire.join();
      const chat = opened.use(
        await openChat({ ...options, dataDir, broadcast: end, memories, inbox, entries, files, clock }),
      );
      return { ...chat, end };
    },
    pass: (ms) => {
      passedMs += ms;
      // Their watches, once.
      vi.advanceTimersByTime(5_000);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
