import { setTimeout } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { ReplyWriter } from "../../../src/conversation/reply/reply-writer.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Turn } from "../../../src/domain/turn.ts";
import type { Journal } from "../../../src/ports/journal.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform, type FakeLimits } from "../../support/core/fake-platform.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const conversation: ConversationKey = "fake:room:1";
const commands = new Map();
const log = new RecordingLog();
const { signal } = new AbortController();
const patiently = { timeout: 60_000, interval: 5 };

async function openWriter(limits: FakeLimits = {}) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const platform = new FakePlatform({ postChars: 40, ...limits });
  const bench = opened.use(await openCoreBench({ dataDir: folder.path, platform, isSwept: false }));
  const { memories } = bench;
  const journal: Journal = bench.journal;
  const { lease } = await journal.claim(conversation, "w", signal);
  let saves = 0;
  const save: typeof journal.save = async (...given) => {
    saves += 1;
    await journal.save(...given);
  };
  const replyTo = { platform: "fake", target: {} };
  const turn: Turn = { id: "t1", conversation, attempt: 0, covers: [], replyTo, posts: [] };
  const counted = { ...journal, save };
  const writer = new ReplyWriter(
    { journal: counted, memories, platform, clock, commands, log },
    lease,
    turn,
    [],
  );
  const running = async (): Promise<Turn | undefined> => journal.running(lease, signal);
  return {
    writer,
    platform,
    running,
    saves: () => saves,
    /** Ends the turn without its reply. */
    giveUp: () => counted.finish(lease, { covers: [], posts: [] }, signal),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe("the posts of a reply in the journal", () => {
  test("have their ids soon, also while the model is silent", async () => {
    await using opened = await openWriter();
    opened.writer.grow("Some words", signal);
    await expect.poll(opened.running, patiently).toMatchObject({ posts: [{ part: 0, id: "room/post-1" }] });
    expect(opened.saves()).toBe(2);
    await opened.writer.settle();
  });

  test.each<readonly [string, (writer: ReplyWriter) => Promise<unknown>]>([
    ["the answer", (writer) => writer.saveTurn({ answer: "Words" }, signal)],
    ["rounds", (writer) => writer.saveRounds([], signal)],
    ["a wait", (writer) => writer.showWait({ what: "model", reference: "r" }, signal)],
    ["a line", (writer) => writer.showUnder({ text: "", line: "Wait" }, signal)],
    ["the reply", (writer) => writer.close("Words", signal)],
    ["growth", async (writer) => writer.grow("Words", signal)],
    ["nothing", (writer) => writer.settle()],
  ])("are intended before a placeholder is made, and have their ids before %s is saved", async (_, write) => {
    await using opened = await openWriter({ placeholder: "…" });
    const { writer, platform } = opened;
    const { promise: creating, resolve: create } = Promise.withResolvers<void>();
    platform.before = (what) => (what === "create" ? creating : undefined);
    await writer.open(signal);
    const intent = await opened.running();
    expect(intent?.posts).toMatchObject([{ part: 0 }]);
    const writing = write(writer);
    await setTimeout(20);
    expect(await opened.running()).toEqual(intent);
    create();
    await writing;
    await writer.settle();
    expect(await opened.running()).toMatchObject({ posts: [{ part: 0, id: "room/post-1" }] });
    expect(platform.posts).toHaveLength(1);
  });

  test("are saved with the answer, and never after the finish", async () => {
    await using opened = await openWriter();
    const { writer } = opened;
    writer.grow("Some words", signal);
    await expect.poll(() => opened.platform.shown, patiently).toEqual(["Some words"]);
    await writer.saveTurn({ answer: "Some words, and more" }, signal);
    expect(await opened.running()).toMatchObject({ posts: [{ part: 0, id: "room/post-1" }] });
    const posts = await writer.close("Some words, and more than one post holds, which takes two", signal, {
      finishes: true,
    });
    expect(posts).toHaveLength(2);
    const before = opened.saves();
    await writer.finish({ covers: [], posts }, signal);
    // Longer than a note waits.
    await setTimeout(300);
    expect(opened.saves()).toBe(before);
  });

  test("are never saved after the finish of a turn that gave its reply up", async () => {
    await using opened = await openWriter();
    const { writer, platform } = opened;
    await writer.close("Some words that one post does not hold, which takes two", signal);
    const [first] = platform.posts;
    if (first !== undefined) first.isDeleted = true;
    platform.before = (what) => {
      if (what === "delete") throw new PlatformError("rejected", "No");
    };
    // Posts the first part again, and can't delete the second one.
    await expect(writer.close("Few words", signal)).rejects.toThrow(PlatformError);
    await opened.giveUp();
    const before = opened.saves();
    // Longer than a note waits.
    await setTimeout(300);
    expect(opened.saves()).toBe(before);
  });
});
