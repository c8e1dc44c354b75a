import { describe, expect, test } from "vitest";

import { openStreamBench, thumbs, writesOf } from "../../support/slack/stream-bench.ts";

const signal = new AbortController().signal;

describe.each([{ isSocketMode: false }, { isSocketMode: true }])("with %o", (options) => {
  test("an answer in a DM is streamed: pieces, then its end with the buttons", async () => {
    const { bench, ask } = await openStreamBench(options);
    await using opened = bench;
    const answer = await ask();
    await answer.write("");
    await answer.write("Hello", { kind: "first" });
    await answer.write("Hello, the fence <");
    await answer.write("Hello, the fence <!channel> is wet.", { state: "done", actions: thumbs });
    expect(writesOf(bench)).toEqual(["startStream", "appendStream", "appendStream", "stopStream"]);
    expect(opened.slack.calls("chat.startStream")).toMatchObject([
      { args: { channel: "D1", recipient_user_id: "U1", recipient_team_id: "T1" } },
    ]);
    expect(answer.shown).toBe("Hello, the fence <\u200B!channel> is wet.");
    const [message] = opened.slack.streams.all;
    expect(message?.blocks.at(-1)).toMatchObject({ type: "context_actions" });
    expect(message?.metadata).toMatchObject({ event_payload: { turn: "t1", state: "done" } });
    expect(message?.stream?.state).toBe("completed");
    const session = opened.slack.sessions.get("D1", answer.to.target["threadTs"] ?? "");
    expect(session?.statuses).toEqual(["processing", "active"]);
  });
});

test("the end of a stream also ends the status, which needs no call of its own", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const answer = await ask();
  await opened.platform.showWorking(answer.to, signal);
  await answer.write("");
  await answer.write("All of it", { state: "done" });
  await opened.platform.showRest(answer.to, { isAsking: false, mayBeLeft: false }, signal);
  expect(opened.slack.calls("agents.sessions.setStatus")).toHaveLength(1);
  expect(opened.slack.sessions.processing).toEqual([]);
});

test.each(["C1", "G1"])(
  "an answer in %s is no stream: only one person would see it grow",
  async (channel) => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const answer = await ask(channel);
    await answer.write("");
    await answer.write("All of it", { state: "done" });
    expect(writesOf(bench)).toEqual(["postMessage", "update"]);
    expect(opened.slack.streams.all).toEqual([]);
  },
);

test("half of a link comes with the next piece, and the whole text with the end", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const answer = await ask();
  await answer.write("");
  await answer.write("See [the docs](https://exa");
  expect(answer.shown).toBe("See");
  await answer.write("See [the docs](https://example.com) and **more");
  expect(answer.shown).toBe("See [the docs](https://example.com) and **more");
  await answer.write("See [the docs](https://example.com) and **more** [", { state: "done" });
  expect(answer.shown).toBe("See [the docs](https://example.com) and **more** [");
  expect(opened.slack.calls("chat.update")).toEqual([]);
});

test("a line is shown whole, also an address at its end", async () => {
  const { bench, ask } = await openStreamBench();
  await using _ = bench;
  const line = "Here:\n\n**May I read https://example.com/a?**";
  const answer = await ask();
  await answer.write("Here:");
  await answer.write(line, { isLine: true, kind: "final" });
  expect(answer.shown).toBe(line);
});

test("complete posts and lines are no streams", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  await (await ask()).write("Done at once", { state: "done" });
  await (await ask()).write("A moment", { isLine: true });
  expect(opened.slack.streams.all).toEqual([]);
  expect(writesOf(bench)).toEqual(["postMessage", "postMessage"]);
});

describe("what does not extend the stream", () => {
  test.each([
    ["a line", { isLine: true as const }, "Waiting for the model"],
    ["another growing text", {}, "Another text"],
    ["another complete text", { state: "done" as const }, "Another text"],
    ["a shorter complete part", { state: "part" as const }, "One"],
  ])("is an edit of the stopped message: %s", async (_, as, text) => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const answer = await ask();
    await answer.write("");
    await answer.write("One two");
    await answer.write(text, as);
    expect(answer.shown).toBe(text);
    expect(writesOf(bench)).toEqual(["startStream", "appendStream", "stopStream", "update"]);
    await answer.write(`${text}, and done`, { state: "done" });
    expect(answer.shown).toBe(`${text}, and done`);
    expect(opened.slack.streams.open).toEqual([]);
  });

  test("a text that is cut for a moment waits", async () => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const answer = await ask();
    await answer.write("");
    await answer.write("One two");
    await answer.write("One");
    await answer.write("One two three");
    expect(writesOf(bench)).toEqual(["startStream", "appendStream", "appendStream"]);
    expect(answer.shown).toBe("One two three");
    expect(opened.slack.streams.open).toHaveLength(1);
  });
});

describe("where a workspace refuses streams", () => {
  const refusals = ["unknown_method", "missing_scope", "feature_not_enabled", "channel_type_not_supported"];
  test.each(refusals)(
    "with %s, answers are ordinary posts for an hour, and the log says so once",
    async (error) => {
      const { bench, ask, moved } = await openStreamBench({ isSocketMode: true });
      await using opened = bench;
      opened.slack.fail("chat.startStream", { kind: "error", error }, 2);
      for (let times = 0; times < 3; times += 1) {
        const answer = await ask();
        await answer.write("");
        await answer.write("All of it", { state: "done" });
        expect(answer.shown).toBe("All of it");
      }
      expect(opened.slack.faultsLeft("chat.startStream")).toBe(1);
      moved.byMs += 3_600_001;
      await (await ask()).write("");
      expect(opened.slack.faultsLeft("chat.startStream")).toBe(0);
      const told = opened.log.lines.filter(({ message }) => message.includes("refuses streams"));
      expect(told).toHaveLength(1);
      moved.byMs += 3_600_001;
      await (await ask()).write("");
      expect(opened.slack.streams.all).toHaveLength(1);
    },
  );
});

test.each(["thread_not_found", "error_of_next_year"])(
  "a single start that Slack refuses with %s is an ordinary post, and the next one is tried",
  async (error) => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    opened.slack.fail("chat.startStream", { kind: "error", error });
    for (const text of ["one", "two"]) {
      const answer = await ask();
      await answer.write("");
      await answer.write(text, { state: "done" });
      expect(answer.shown).toBe(text);
    }
    expect(opened.slack.streams.all).toHaveLength(1);
  },
);

test("a DM that rejects a recipient gets streams without one", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  opened.slack.fail("chat.startStream", { kind: "error", error: "invalid_arguments" });
  for (let times = 0; times < 2; times += 1) await (await ask()).write("");
  expect(opened.slack.streams.all).toHaveLength(2);
  for (const { args } of opened.slack.calls("chat.startStream"))
    expect(args).not.toHaveProperty("recipient_user_id");
});

test("a start that Slack refuses with a recipient and without says nothing about the recipients of others", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  opened.slack.fail("chat.startStream", { kind: "error", error: "invalid_arguments" }, 2);
  for (let times = 0; times < 2; times += 1) await (await ask()).write("");
  const [start] = opened.slack.calls("chat.startStream").slice(-1);
  expect(start).toMatchObject({ args: { recipient_user_id: "U1", recipient_team_id: "T1" } });
  expect(opened.slack.streams.all).toHaveLength(1);
});

test("a stream is stopped before Slack's five minutes, also in silence, and goes on as a message", async () => {
  const { bench, ask, moved } = await openStreamBench();
  await using opened = bench;
  const [silent, busy] = [await ask(), await ask()];
  for (const answer of [silent, busy]) {
    await answer.write("");
    await answer.write("One");
  }
  moved.byMs += 245_000;
  await expect.poll(() => opened.slack.streams.open).toEqual([]);
  expect(opened.slack.streams.broken).toEqual([]);
  await busy.write("One two");
  await busy.write("One two three", { state: "done" });
  await silent.write("One and all", { state: "done" });
  expect([busy.shown, silent.shown]).toEqual(["One two three", "One and all"]);
  expect(opened.slack.sessions.processing).toHaveLength(2);
});

describe("a stream that Slack has ended", () => {
  test.each([
    ["by itself", "writing" as const],
    ["by itself", "done" as const],
    ["for a person", "writing" as const],
    ["for a person", "done" as const],
  ])("%s goes on as a message that is %s", async (why, state) => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const answer = await ask();
    await answer.write("");
    await answer.write("One");
    const [message] = opened.slack.streams.all;
    if (message === undefined) throw new Error("No stream");
    if (why === "by itself") opened.slack.streams.pass(300_000);
    else opened.slack.streams.stopByUser(message);
    const outcome = await answer.write("One two", { state }).then(
      () => "written",
      ({ kind }) => kind,
    );
    // Growth is tried again, after another look at the lease.
    expect(outcome).toBe(state === "writing" ? "unreachable" : "written");
    await answer.write("One two three", { state: "done" });
    expect(answer.shown).toBe("One two three");
    expect(opened.slack.streams.broken).toEqual([]);
  });
});

describe("a call that gets no answer", () => {
  test.each(["before", "after"] as const)("doubles no piece and loses none: cut %s it", async (when) => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const answer = await ask();
    await answer.write("");
    opened.slack.fail("chat.appendStream", { kind: "reset", when });
    await expect(answer.write("One ")).rejects.toMatchObject({ kind: "unreachable" });
    await answer.write("One two");
    expect(answer.shown).toBe("One two");
    await answer.write("One two three", { state: "done" });
    expect(answer.shown).toBe("One two three");
  });

  test.each(["before", "after"] as const)("leaves no end out: cut %s the stop", async (when) => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const answer = await ask();
    await answer.write("");
    opened.slack.fail("chat.stopStream", { kind: "reset", when });
    const end = () => answer.write("All of it", { state: "done", actions: thumbs });
    await expect(end()).rejects.toMatchObject({ kind: "unreachable" });
    await end();
    expect(answer.shown).toBe("All of it");
    expect(opened.slack.streams.all[0]?.blocks).toHaveLength(2);
    expect(opened.slack.streams.open).toEqual([]);
  });
});

test("blocks that Slack rejects under a stream are sent in another form", async () => {
  const { bench, ask } = await openStreamBench({ slack: { refusedBlocks: ["context_actions"] } });
  await using opened = bench;
  for (let times = 0; times < 2; times += 1) {
    const answer = await ask();
    await answer.write("");
    await answer.write("All of it", { state: "done", actions: thumbs });
    expect(answer.shown).toBe("All of it");
    expect(opened.slack.streams.all.at(-1)?.blocks.at(-1)).toMatchObject({ type: "actions" });
  }
  // The second stream knows.
  expect(writesOf(bench).slice(-2)).toEqual(["startStream", "stopStream"]);
});

test("a text that Slack takes in no block is edited as plain text", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const answer = await ask();
  await answer.write("");
  const tables = "| a |\n| --- |\n".repeat(60);
  await answer.write(tables);
  await answer.write(`${tables}end`, { state: "done" });
  expect(opened.slack.streams.all[0]?.text).toContain("end");
  expect(opened.slack.streams.open).toEqual([]);
});

test("a post that is deleted while it streams is stopped first, also by a process that does not know the stream", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const other = await opened.join();
  for (const platform of [opened.platform, other]) {
    const answer = await ask();
    await answer.write("");
    await platform.deletePost(answer.to, answer.id ?? "", signal);
    expect(answer.shown).toBe("");
    // The other process has no turn there whose end would tell Slack.
    const session = opened.slack.sessions.get("D1", answer.to.target["threadTs"] ?? "");
    expect(session?.statuses.at(-1)).toBe(platform === other ? "active" : "processing");
  }
  opened.slack.fail("chat.delete", { kind: "error", error: "cant_delete_message" });
  const answer = await ask();
  await answer.write("Whole", { state: "done" });
  await expect(opened.platform.deletePost(answer.to, answer.id ?? "", signal)).rejects.toMatchObject({
    kind: "forbidden",
  });
});

test("a stream of another process is stopped and rewritten", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const other = await opened.join();
  const answer = await ask();
  await answer.write("");
  await answer.write("Half an ans");
  await answer.write("Another answer", { platform: other });
  expect(answer.shown).toBe("Another answer");
  await answer.write("Another answer, whole", { state: "done", platform: other });
  expect(answer.shown).toBe("Another answer, whole");
  expect(opened.slack.streams.open).toEqual([]);
  // The process that began it wakes up: its next words can't be appended.
  await expect(answer.write("Half an answer")).rejects.toMatchObject({ kind: "unreachable" });
  expect(answer.shown).toBe("Another answer, whole");
});

test("the rest of a turn stops what it still streams, and tries again", async () => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const answer = await ask();
  await answer.write("");
  await answer.write("Half an ans");
  opened.slack.fail("chat.stopStream", { kind: "status", status: 503 });
  await opened.platform.showRest(answer.to, { isAsking: false, mayBeLeft: false }, signal);
  expect(opened.slack.streams.open).toHaveLength(1);
  await opened.platform.showRest(answer.to, { isAsking: true, mayBeLeft: false }, signal);
  expect(opened.slack.streams.open).toEqual([]);
  const session = opened.slack.sessions.get("D1", answer.to.target["threadTs"] ?? "");
  expect(session?.statuses.at(-1)).toBe("suspended");
});

test.each([
  ["at work again", true, "processing"],
  ["at rest", false, "active"],
])("a late stop of a stream leaves a thread %s", async (_, isWorking, status) => {
  const { bench, ask, moved } = await openStreamBench();
  await using opened = bench;
  const answer = await ask();
  await answer.write("");
  await answer.write("Half an ans");
  opened.slack.fail("chat.stopStream", { kind: "status", status: 503 });
  await opened.platform.showRest(answer.to, { isAsking: false, mayBeLeft: false }, signal);
  if (isWorking) await opened.platform.showWorking(answer.to, signal);
  moved.byMs += 5_001;
  await expect.poll(() => opened.slack.streams.open).toEqual([]);
  const session = opened.slack.sessions.get("D1", answer.to.target["threadTs"] ?? "");
  expect(session?.statuses.at(-1)).toBe(status);
});

test("starts that Slack refuses keep no stop from the streams of others", async () => {
  const { bench, ask, moved } = await openStreamBench();
  await using opened = bench;
  const refused = 18;
  opened.slack.fail("chat.startStream", { kind: "error", error: "thread_not_found" }, refused);
  for (let times = 0; times < refused; times += 1) await (await ask()).write("");
  expect(opened.slack.streams.all).toEqual([]);
  // The starts of this minute are used up.
  moved.byMs += 61_000;
  await (await ask()).write("");
  expect(opened.slack.streams.all).toHaveLength(1);
});

test.each([
  ["at rest", false, "active"],
  ["at work", true, "processing"],
])("the stop of a stream that was left shows the thread %s", async (_, isWorking, status) => {
  const { bench, ask } = await openStreamBench();
  await using opened = bench;
  const other = await opened.join();
  const answer = await ask();
  await answer.write("");
  await answer.write("Half an ans");
  if (isWorking) await other.showWorking(answer.to, signal);
  await answer.write("Another answer", { state: "done", platform: other });
  expect(answer.shown).toBe("Another answer");
  const session = opened.slack.sessions.get("D1", answer.to.target["threadTs"] ?? "");
  expect(session?.statuses.at(-1)).toBe(status);
});

describe("a process that ends", () => {
  test("leaves no stream open, and another one goes on with its post", async () => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const other = await opened.join();
    const answer = await ask();
    await answer.write("", { platform: other });
    await answer.write("Half an ans", { platform: other });
    await other[Symbol.asyncDispose]();
    expect(opened.slack.streams.open).toEqual([]);
    expect(answer.shown).toBe("Half an ans");
    const session = opened.slack.sessions.get("D1", answer.to.target["threadTs"] ?? "");
    expect(session?.statuses.at(-1)).toBe("processing");
    await answer.write("Another answer, whole", { state: "done" });
    expect(answer.shown).toBe("Another answer, whole");
    expect(writesOf(bench)).toEqual(["startStream", "appendStream", "stopStream", "update"]);
  });

  test("does not wait for an answer of Slack's", async () => {
    const { bench, ask } = await openStreamBench();
    await using opened = bench;
    const other = await opened.join();
    await (await ask()).write("", { platform: other });
    opened.slack.fail("chat.stopStream", { kind: "hang" });
    const fromMs = performance.now();
    await other[Symbol.asyncDispose]();
    expect(opened.slack.faultsLeft("chat.stopStream")).toBe(0);
    expect(performance.now() - fromMs).toBeLessThan(4_000);
  });
});
