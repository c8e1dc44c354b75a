import { describe, expect, test } from "vitest";

import { conversationKey } from "../../../src/domain/conversation.ts";
import type { NewConversation } from "../../../src/ports/platform-history.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import type { SlackSaying } from "../../support/slack/slack-stand-in.ts";

const signal = new AbortController().signal;

/** A clock whose waits take a tenth of the time. */
const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 10, until) };

function begun(channel: string, threadTs: string, before?: string): NewConversation {
  const common = { conversation: conversationKey(`slack:T1:${channel}:${threadTs}`), place: `T1:${channel}` };
  return before === undefined ? common : { ...common, before };
}

/** Posts messages before the bot is called. */
function write({ slack }: SlackBench, saying: Omit<SlackSaying, "channel">): string {
  return slack.write({ channel: "C1", ...saying }).ts;
}

/** A post of an app. */
function post(
  { slack }: SlackBench,
  threadTs: string | undefined,
  wire: Readonly<Record<string, unknown>>,
): string {
  const message = {
    team: "T1",
    channel: "C1",
    ...(threadTs === undefined ? {} : { threadTs }),
    user: "UAPP",
    botId: "BAPP",
    text: "",
    blocks: [],
    metadata: undefined,
    files: [],
    wire,
  };
  return slack.messages.add(message).ts;
}

test("earlier messages are read with their authors, like live ones", async () => {
  await using bench = await openSlackBench();
  const { slack, platform, accepted } = bench;
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bob");
  const root = write(bench, { user: "U1", wire: "1 &lt; 2, <@U2>?" });
  write(bench, {
    user: "U2",
    threadTs: root,
    text: "yes",
    files: [{ id: "F1", name: "a.txt", mimetype: "text/plain", size: 3 }],
  });
  write(bench, { user: "U1", threadTs: root, text: "as <@UBOT> said", wire: "as <@UBOT> said" });
  const call = await slack.say({
    channel: "C1",
    user: "U1",
    text: "sum it up",
    threadTs: root,
    mention: true,
  });
  write(bench, { user: "U2", threadTs: root, text: "said later" });
  const read = await platform.fetchHistory(begun("C1", root, call), 200, signal);
  expect(read.map(({ author, text }) => [author, text])).toEqual([
    [{ id: "T1:U1", name: "Ada" }, "1 < 2, @Bob?"],
    [{ id: "T1:U2", name: "Bob" }, "yes"],
    [{ id: "T1:U1", name: "Ada" }, "as @threadkeeper said"],
  ]);
  accepted.inbounds.length = 0;
  for (const { id } of read) {
    const message = slack.messages.get("C1", id);
    if (message !== undefined) await slack.deliver(message);
  }
  // A message that is delivered later has the same id.
  const live = accepted.inbounds.flatMap((inbound) => (inbound.kind === "said" ? [inbound.message] : []));
  const unique = [...new Map(live.map((message) => [message.id, message])).values()];
  expect(read).toEqual(unique);
  expect(read[1]).toMatchObject({
    attachments: [
      {
        name: "a.txt",
        mediaType: "text/plain",
        sizeBytes: 3,
        ref: { platform: "slack", installation: "T1", id: "F1" },
      },
    ],
    permalink: expect.stringMatching(/\/archives\/C1\/p\d+\?thread_ts=\d+\.\d+&cid=C1$/u),
  });
});

test("backfill has the edited texts, and neither deleted messages nor the bot's own posts", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const root = write(bench, { user: "U1", text: "a secret" });
  const edited = write(bench, { user: "U2", threadTs: root, text: "before" });
  const deleted = write(bench, { user: "U2", threadTs: root, text: "never mind" });
  const to = { platform: "slack", target: { team: "T1", channel: "C1", threadTs: root, user: "U1" } };
  await platform.createPost(to, { turn: "t0", part: 0, covers: [], text: "Ours", state: "done" }, signal);
  await slack.edit("C1", edited, "after");
  await slack.delete("C1", deleted);
  await slack.delete("C1", root);
  const read = await platform.fetchHistory(begun("C1", root), 200, signal);
  expect(read.map(({ id, text }) => ({ id, text }))).toEqual([{ id: edited, text: "after" }]);
});

test("posts of apps are read under the apps' own names, attachments included", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  slack.addPerson("UAPP", "jira-bot");
  const root = post(bench, undefined, { username: "Deploys", text: "v2 is out" });
  post(bench, root, { bot_profile: { name: "Jira" }, attachments: [{ title: "T-1", text: "is done" }] });
  post(bench, root, {
    subtype: "bot_message",
    user: undefined,
    username: "Hook",
    attachments: [{ fallback: "red" }],
  });
  post(bench, root, { text: "no name of its own" });
  post(bench, root, { attachments: [{ fallback: "[no preview available]" }] });
  post(bench, root, { subtype: "channel_join", text: "has joined" });
  const read = await platform.fetchHistory(begun("C1", root), 200, signal);
  expect(read.map(({ author, text }) => [author.id, author.name, text])).toEqual([
    ["T1:UAPP", "Deploys", "v2 is out"],
    ["T1:UAPP", "Jira", "T-1\nis done"],
    ["T1:BAPP", "Hook", "red"],
    ["T1:UAPP", "jira-bot", "no name of its own"],
  ]);
});

test("the newest messages of a long thread come from its last page", async () => {
  await using bench = await openSlackBench();
  const root = write(bench, { user: "U1", text: "root" });
  for (let count = 1; count <= 450; count += 1)
    write(bench, { user: "U1", threadTs: root, text: `${count}` });
  const call = write(bench, { user: "U1", threadTs: root, mention: true });
  const read = await bench.platform.fetchHistory(begun("C1", root, call), 100, signal);
  expect(read.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, index) => `${351 + index}`));
  expect(bench.slack.calls("conversations.replies")).toHaveLength(3);
});

test("the limited allowance reads one page in one call", async () => {
  await using bench = await openSlackBench({ settings: { history: "limited" } });
  const root = write(bench, { user: "U1", text: "0" });
  for (let count = 1; count <= 30; count += 1) write(bench, { user: "U1", threadTs: root, text: `${count}` });
  const read = await bench.platform.fetchHistory(begun("C1", root), 200, signal);
  expect(read.map(({ text }) => text)).toEqual(Array.from({ length: 15 }, (_, index) => `${index}`));
  expect(bench.slack.calls("conversations.replies").map(({ args }) => args["limit"])).toEqual(["15"]);
  expect(bench.log.lines.map(({ message }) => message)).toContain("a thread is too long to read completely");
  bench.slack.fail("conversations.replies", { kind: "rate-limited", retryAfterSeconds: 1 });
  await expect(bench.platform.fetchHistory(begun("C1", root), 200, signal)).rejects.toMatchObject({
    kind: "rate-limited",
  });
});

test.each([
  ["a message that roots a new thread", begun("C1", "1.000001", "1.000001")],
  ["the first message of a thread in a DM", begun("D1", "1.000001", "1.000001")],
  [
    "a DM without threads",
    { conversation: conversationKey("slack:T1:D1"), place: "T1:D1", before: "1.000001" },
  ],
  ["a command about a channel", { conversation: conversationKey("slack:T1:C1"), place: "T1:C1" }],
] as const)("there are no messages before %s, and Slack gets no call", async (_title, first) => {
  await using bench = await openSlackBench();
  const before = bench.slack.calls().length;
  expect(await bench.platform.fetchHistory(first, 200, signal)).toEqual([]);
  expect(bench.slack.calls()).toHaveLength(before);
});

describe("when Slack is slow or refuses", () => {
  test("backfill waits for a rate limit if the time allows it", async () => {
    await using bench = await openSlackBench({ clock: hasty });
    const root = write(bench, { user: "U1", text: "hello" });
    bench.slack.fail("conversations.replies", { kind: "rate-limited", retryAfterSeconds: 1 });
    const read = await bench.platform.fetchHistory(begun("C1", root), 200, signal);
    expect(read).toMatchObject([{ text: "hello" }]);
    bench.slack.fail("conversations.replies", { kind: "rate-limited", retryAfterSeconds: 30 });
    const later = bench.platform.fetchHistory(begun("C1", root), 200, signal);
    await expect(later).rejects.toMatchObject({ kind: "rate-limited", retryAfterMs: 30_000 });
  });

  test("a hanging call is abandoned long before the client's own deadline", async () => {
    await using bench = await openSlackBench();
    const root = write(bench, { user: "U1", text: "hello" });
    bench.slack.fail("conversations.replies", { kind: "hang" });
    const startedAtMs = Date.now();
    const reading = bench.platform.fetchHistory(begun("C1", root), 200, signal);
    await expect(reading).rejects.toMatchObject({ kind: "unreachable" });
    expect(Date.now() - startedAtMs).toBeLessThan(9_000);
  });

  test("names that take too long are left out", async () => {
    await using bench = await openSlackBench({ clock: hasty });
    const root = write(bench, { user: "U1", text: "hello" });
    bench.slack.fail("users.info", { kind: "hang" });
    const startedAtMs = Date.now();
    const read = await bench.platform.fetchHistory(begun("C1", root), 200, signal);
    expect(read).toMatchObject([{ author: { name: "someone" }, text: "hello" }]);
    expect(Date.now() - startedAtMs).toBeLessThan(4_500);
  });

  test("pages read before a failure are used", async () => {
    await using bench = await openSlackBench();
    const root = write(bench, { user: "U1", text: "0" });
    for (let count = 1; count <= 250; count += 1)
      write(bench, { user: "U1", threadTs: root, text: `${count}` });
    bench.slack.fail("conversations.replies", { kind: "latency", ms: 0 });
    bench.slack.fail("conversations.replies", { kind: "status", status: 503 });
    const read = await bench.platform.fetchHistory(begun("C1", root), 10, signal);
    expect(read.at(-1)).toMatchObject({ text: "199" });
  });

  test("a thread without access is an error, and so is the caller's own signal", async () => {
    await using bench = await openSlackBench();
    const root = write(bench, { user: "U1", text: "hello" });
    bench.slack.fail("conversations.replies", { kind: "error", error: "not_in_channel" });
    const reading = bench.platform.fetchHistory(begun("C1", root), 200, signal);
    await expect(reading).rejects.toMatchObject({ kind: "forbidden" });
    const stopped = AbortSignal.abort(new Error("Stopping"));
    await expect(bench.platform.fetchHistory(begun("C1", root), 200, stopped)).rejects.toThrow("Stopping");
  });
});
