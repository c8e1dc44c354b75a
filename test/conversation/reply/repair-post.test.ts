import { describe, expect, test, vi } from "vitest";

import { appendReply } from "../../../src/conversation/memory/append.ts";
import { layOut } from "../../../src/conversation/reply/lay-out.ts";
import { ReplyWriter } from "../../../src/conversation/reply/reply-writer.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Lease, Turn } from "../../../src/domain/turn.ts";
import { StaleLeaseError, type Journal } from "../../../src/ports/journal.ts";
import type { Memory } from "../../../src/ports/memory.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform, type FakeLimits } from "../../support/core/fake-platform.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";

const conversation: ConversationKey = "fake:room:1";
const commands = new Map();
const log = new RecordingLog();
const { signal } = new AbortController();
const patiently = { timeout: 60_000, interval: 5 };

/** A writer whose reply shows "Half an"; it will sleep right before its next write, while another finishes the reply. */
async function openSleeper(finished: string, limits: FakeLimits = { postChars: 40 }) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const platform = new FakePlatform(limits);
  const bench = opened.use(await openCoreBench({ dataDir: folder.path, platform, isSwept: false }));
  const journal: Journal = bench.journal;
  const stored: Memory = bench.memories;
  const store = { isAway: false, failingReads: 0 };
  const gated =
    <Given extends readonly unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      if (store.isAway) throw new StoreError("Away");
      return call(...given);
    };
  const { assertCurrent, save, finish } = journal;
  const ownJournal = {
    ...journal,
    assertCurrent: gated(assertCurrent),
    save: gated(save),
    finish: gated(finish),
  };
  const read: typeof stored.read = async (...given) => {
    store.failingReads -= 1;
    if (store.failingReads >= 0) throw new StoreError("Away");
    return stored.read(...given);
  };
  const memories = { ...stored, read };
  const { lease } = await journal.claim(conversation, "w", signal);
  const replyTo = { platform: "fake", target: {} };
  const turn: Turn = { id: "t1", conversation, attempt: 1, covers: [], replyTo, posts: [] };
  const writer = new ReplyWriter(
    { journal: ownJournal, memories, platform, clock, commands, log },
    lease,
    turn,
    ["q"],
  );
  writer.grow("Half an", signal);
  await expect.poll(() => platform.shown, patiently).toEqual(["Half an"]);
  await writer.settle();
  platform.before = async () => {
    platform.before = () => undefined;
    const { lease: other } = await journal.claim(conversation, "w", signal);
    const [first] = platform.posts;
    const last = layOut(finished, platform.limits).at(-1) ?? { text: "" };
    if (first !== undefined) first.post = { ...first.post, ...last, state: "done" };
    const reply = {
      id: "post-1",
      role: "bot",
      text: finished,
      answers: ["q"],
      saidAtMs: 1,
      posts: ["room/post-1"],
      sources: [],
      turnId: "t1",
    } as const;
    const memory = appendReply(
      emptyMemory(conversation, { platform: "fake", place: "room" }),
      reply,
      () => 1,
    );
    await journal.finish(other, { covers: [], posts: ["room/post-1"], memory }, signal);
  };
  return { writer, platform, store, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const code = "a = 1\n".repeat(40);
const withCode = `Look:\n\n\`\`\`py\n${code}\`\`\`\n\nThat is all.`;

describe("a process that froze while another one finished its reply", () => {
  test("restores the finished text after overwriting it", async () => {
    await using sleeper = await openSleeper("The whole answer");
    const { writer, platform } = sleeper;
    writer.grow("Half an answer", signal);
    await expect.poll(() => platform.posts[0]?.edits, patiently).toBe(2);
    await writer.settle();
    expect(() => writer.throwIfLost()).toThrow(StaleLeaseError);
    expect(platform.posts.map(({ post }) => post)).toMatchObject([
      { text: "The whole answer", state: "done", covers: ["q"] },
    ]);
  });

  test("restores the finished text once the stores are back that were away when it woke up", async () => {
    await using sleeper = await openSleeper("The whole answer");
    const { writer, platform, store } = sleeper;
    const { editPost } = platform;
    Object.assign(platform, {
      editPost: async (...given: Parameters<typeof editPost>) => {
        await editPost(...given);
        store.isAway = true;
      },
    });
    writer.grow("Half an answer", signal);
    await expect.poll(() => platform.shown, patiently).toEqual(["Half an answer"]);
    await writer.settle();
    expect(() => writer.throwIfLost()).not.toThrow();
    Object.assign(platform, { editPost });
    store.isAway = false;
    await expect.poll(() => platform.shown, patiently).toEqual(["The whole answer"]);
  });

  test("leaves the new answer alone that another process is about to remember in place of the old one", async () => {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(temporaryFolder());
    const platform = new FakePlatform({ postChars: 40 });
    const options = { dataDir: folder.path, platform, isSwept: false } as const;
    const { journal, memories } = opened.use(await openCoreBench(options));
    const empty = emptyMemory(conversation, { platform: "fake", place: "room" });
    const posts = ["room/post-1"];
    const memoryWith = (text: string, turnId: string) => {
      const reply = {
        id: "post-1",
        role: "bot",
        text,
        turnId,
        answers: ["q"],
        saidAtMs: 1,
        sources: [],
      } as const;
      return appendReply(empty, { ...reply, posts }, () => 1);
    };
    const { lease: first } = await journal.claim(conversation, "w");
    const replyTo = { platform: "fake", target: {} };
    await platform.createPost(replyTo, { turn: "t0", part: 0, covers: ["q"], text: "Old", state: "done" });
    await journal.finish(first, { covers: [], posts, memory: memoryWith("Old", "t0") }, signal);
    const { lease } = await journal.claim(conversation, "w");
    const turn: Turn = {
      id: "t1",
      conversation,
      attempt: 1,
      covers: [],
      replyTo,
      posts: [{ part: 0, intendedAtMs: 1, id: "room/post-1" }],
    };
    const writer = new ReplyWriter({ journal, memories, platform, clock, commands, log }, lease, turn, ["q"]);
    const { promise: claimed, resolve } = Promise.withResolvers<Lease>();
    platform.before = async () => {
      platform.before = () => undefined;
      resolve((await journal.claim(conversation, "w")).lease);
    };
    let looks = 0;
    const { read } = memories;
    Object.assign(memories, {
      read: async (...given: Parameters<typeof read>) => {
        looks += 1;
        return read.apply(memories, given);
      },
    });
    const closing = writer.close("New", signal);
    closing.catch(() => undefined);
    await expect.poll(() => looks, patiently).toBeGreaterThan(0);
    await journal.finish(await claimed, { covers: [], posts, memory: memoryWith("New", "t1") }, signal);
    await expect(closing).rejects.toThrow(StaleLeaseError);
    expect(platform.shown).toEqual(["New"]);
  });

  test.each(["memory", "the platform"])(
    "restores the finished text also if %s was away at first",
    async (what) => {
      await using sleeper = await openSleeper("The whole answer");
      const { writer, platform, store } = sleeper;
      const { editPost } = platform;
      let edits = 0;
      Object.assign(platform, {
        editPost: async (...given: Parameters<typeof editPost>) => {
          edits += 1;
          if (what === "the platform" && edits === 2) throw new PlatformError("unreachable", "Away");
          await editPost(...given);
        },
      });
      if (what === "memory") store.failingReads = 1;
      writer.grow("Half an answer", signal);
      await expect.poll(() => platform.shown, patiently).toEqual(["The whole answer"]);
      await writer.settle();
      expect(() => writer.throwIfLost()).toThrow(StaleLeaseError);
    },
  );

  test("restores the finished text after an edit whose outcome it did not learn", async () => {
    await using sleeper = await openSleeper("The whole answer");
    const { writer, platform } = sleeper;
    const { editPost } = platform;
    let edits = 0;
    Object.assign(platform, {
      editPost: async (...given: Parameters<typeof editPost>) => {
        await editPost(...given);
        edits += 1;
        if (edits === 1) throw new PlatformError("rejected", "No answer came");
      },
    });
    await expect(writer.close("Half an answer", signal)).rejects.toThrow(PlatformError);
    await expect.poll(() => platform.shown, patiently).toEqual(["The whole answer"]);
  });

  test("puts the file of the finished reply back, once", async () => {
    await using sleeper = await openSleeper(withCode, { postChars: 200, codeChars: 100 });
    const { writer, platform } = sleeper;
    const overwritten: unknown[] = [];
    const { editPost } = platform;
    Object.assign(platform, {
      editPost: async (...given: Parameters<typeof editPost>) => {
        await editPost(...given);
        overwritten.push(platform.shownFiles.map(({ name }) => name));
      },
    });
    writer.grow("Half an answer", signal);
    await expect.poll(() => platform.posts[0]?.edits, patiently).toBe(2);
    await writer.settle();
    expect(overwritten).toEqual([[], ["main.py"]]);
    expect(platform.shownFiles).toMatchObject([{ name: "main.py", content: code }]);
    expect(platform.shown).toEqual(["Look:\n\n(see main.py)\n\nThat is all."]);
  });

  test("restores the finished text whose file the platform takes no more", async () => {
    await using sleeper = await openSleeper(withCode, { postChars: 400, codeChars: 100 });
    const { writer, platform } = sleeper;
    const { editPost } = platform;
    Object.assign(platform, {
      editPost: async (...given: Parameters<typeof editPost>) => {
        if (given[2].files !== undefined)
          throw new PlatformError("forbidden", "no files", { refusesFiles: true });
        await editPost(...given);
      },
    });
    writer.grow("Half an answer", signal);
    await expect.poll(() => platform.shown, patiently).toEqual([withCode]);
    await writer.settle();
    expect(() => writer.throwIfLost()).toThrow(StaleLeaseError);
    expect(platform.shownFiles).toEqual([]);
  });

  test("deletes a post that the finished reply does not have", async () => {
    await using sleeper = await openSleeper("Short");
    const { writer, platform } = sleeper;
    const long = "Half an\n\nand so on, for longer than a post may be";
    await expect(writer.close(long, signal)).rejects.toThrow(StaleLeaseError);
    expect(platform.shown).toEqual(["Short"]);
  });

  test("restores the finished text when only its own finish finds out", async () => {
    await using sleeper = await openSleeper("The whole answer");
    const { writer, platform } = sleeper;
    const posts = await writer.close("Half an answer", signal, { finishes: true });
    expect(platform.shown).toEqual(["Half an answer"]);
    await expect(writer.finish({ covers: [], posts }, signal)).rejects.toThrow(StaleLeaseError);
    expect(platform.shown).toEqual(["The whole answer"]);
  });
});

interface Finish {
  readonly isInTheSamePost?: boolean;
  readonly role?: "bot" | "notice";
  readonly turnId?: string;
  readonly answers?: readonly string[];
  readonly saidAtMs?: number;
}

/** A turn that has shown "Half an" in its first post. `finish`: as another process does, in a post of its own. */
async function openForgotten() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const platform = new FakePlatform({ postChars: 40 });
  const options = { dataDir: folder.path, platform, isSwept: false } as const;
  const { memories, ...bench } = opened.use(await openCoreBench(options));
  const journal: Journal = bench.journal;
  const store = { isAway: false };
  const deleted: string[] = [];
  const { deletePost } = platform;
  Object.assign(platform, {
    deletePost: async (...given: Parameters<typeof deletePost>) => {
      deleted.push(given[1]);
      await deletePost(...given);
    },
  });
  const { assertCurrent, save } = journal;
  const gated =
    <Given extends readonly unknown[]>(call: (...given: Given) => Promise<void>) =>
    async (...given: Given): Promise<void> => {
      if (store.isAway) throw new StoreError("Away");
      return call(...given);
    };
  const ownJournal = { ...journal, assertCurrent: gated(assertCurrent), save: gated(save) };
  const { lease } = await journal.claim(conversation, "w", signal);
  const replyTo = { platform: "fake", target: {} };
  const turn: Turn = { id: "t1", conversation, attempt: 1, covers: [], replyTo, posts: [] };
  const ports = { journal: ownJournal, memories, platform, clock, commands, log };
  const writer = new ReplyWriter(ports, lease, turn, ["q", "q2"]);
  writer.grow("Half an", signal);
  await expect.poll(() => platform.shown, patiently).toEqual(["Half an"]);
  await writer.settle();
  const finish = async ({
    isInTheSamePost = false,
    role = "bot",
    turnId = "t1",
    answers = ["q", "q2"],
    saidAtMs = clock.nowMs() + 1,
  }: Finish): Promise<void> => {
    const { lease: other } = await journal.claim(conversation, "w", signal);
    const whole = { turn: "t1", part: 0, covers: ["q"], text: "The whole answer", state: "done" } as const;
    if (isInTheSamePost) await platform.editPost(replyTo, "room/post-1", whole);
    const post = isInTheSamePost ? "room/post-1" : await platform.createPost(replyTo, whole);
    const reply = { id: "r1", role, text: whole.text, answers, saidAtMs } as const;
    const memory = appendReply(
      emptyMemory(conversation, { platform: "fake", place: "room" }),
      { ...reply, posts: [post], sources: [], turnId },
      () => 1,
    );
    await journal.finish(other, { covers: [], posts: [post], memory }, signal);
  };
  return {
    writer,
    platform,
    memories,
    store,
    deleted,
    finish,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe("a process whose posts a store forgot", () => {
  test.each([
    ["the same turn", {}],
    ["the same turn, in place of an older answer", { saidAtMs: 1 }],
    ["a turn that began with an earlier message", { turnId: "t0", answers: ["q0", "q", "q2"] }],
  ])("deletes them once another process has answered in others, in %s", async (_, how) => {
    await using forgotten = await openForgotten();
    const { writer, platform, finish } = forgotten;
    await finish(how);
    expect(platform.shown).toEqual(["Half an", "The whole answer"]);
    await expect(writer.saveTurn({ draft: "Half an answer" }, signal)).rejects.toThrow(StaleLeaseError);
    await expect.poll(() => platform.shown, patiently).toEqual(["The whole answer"]);
  });

  test("deletes them also where the store was away when it wrote the last time", async () => {
    await using forgotten = await openForgotten();
    const { writer, platform, store, finish } = forgotten;
    store.isAway = true;
    await expect(writer.saveTurn({ draft: "Half an answer" }, signal)).rejects.toThrow(StoreError);
    await finish({});
    store.isAway = false;
    await expect.poll(() => platform.shown, patiently).toEqual(["The whole answer"]);
  });

  test.each<[string, Finish, number]>([
    ["with which the other process finished the turn", { isInTheSamePost: true }, 1],
    [
      "while there is only an older answer, which they may be about to replace",
      { turnId: "t0", saidAtMs: 1 },
      2,
    ],
    ["while not all of its messages are answered", { turnId: "t0", answers: ["q0", "q"] }, 2],
    ["while people only see that it failed", { role: "notice" }, 2],
  ])("keeps those %s", async (_, how, looks) => {
    await using forgotten = await openForgotten();
    const { writer, platform, memories, deleted, finish } = forgotten;
    await finish(how);
    const shown = platform.shown;
    const read = vi.spyOn(memories, "read");
    await expect(writer.saveTurn({ draft: "Half an answer" }, signal)).rejects.toThrow(StaleLeaseError);
    await expect.poll(() => read.mock.settledResults.length, patiently).toBeGreaterThanOrEqual(looks);
    await new Promise(setImmediate);
    expect(platform.shown).toEqual(shown);
    expect(deleted).toEqual([]);
  });

  test("keeps a complete answer, since the other one may have been stopped", async () => {
    await using forgotten = await openForgotten();
    const { writer, platform, memories, deleted, finish } = forgotten;
    await writer.saveTurn({ answer: "Half an" }, signal);
    const read = vi.spyOn(memories, "read");
    await finish({});
    await expect(writer.saveTurn({ told: [] }, signal)).rejects.toThrow(StaleLeaseError);
    await writer.settle();
    expect(platform.shown).toEqual(["Half an", "The whole answer"]);
    expect([deleted, read.mock.calls]).toEqual([[], []]);
  });
});
