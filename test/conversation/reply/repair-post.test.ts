import { describe, expect, test } from "vitest";

import { appendReply } from "../../../src/conversation/memory/append.ts";
import { layOut } from "../../../src/conversation/reply/lay-out.ts";
import { ReplyWriter } from "../../../src/conversation/reply/reply-writer.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Turn } from "../../../src/domain/turn.ts";
import { StaleLeaseError } from "../../../src/ports/journal.ts";
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
  const { journal, memories } = opened.use(
    await openCoreBench({ dataDir: folder.path, platform, isSwept: false }),
  );
  const { lease } = await journal.claim(conversation, "w");
  const replyTo = { platform: "fake", target: {} };
  const turn: Turn = { id: "t1", conversation, attempt: 1, covers: [], replyTo, posts: [] };
  const writer = new ReplyWriter({ journal, memories, platform, clock, commands, log }, lease, turn, ["q"]);
  writer.grow("Half an", signal);
  await expect.poll(() => platform.shown, patiently).toEqual(["Half an"]);
  await writer.settle();
  platform.before = async () => {
    platform.before = () => undefined;
    const { lease: other } = await journal.claim(conversation, "w");
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
    } as const;
    const memory = appendReply(
      emptyMemory(conversation, { platform: "fake", place: "room" }),
      reply,
      () => 1,
    );
    await journal.finish(other, { covers: [], posts: ["room/post-1"], memory }, signal);
  };
  return { writer, platform, [Symbol.asyncDispose]: () => opened.disposeAsync() };
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
