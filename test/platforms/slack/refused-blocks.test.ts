import { expect, test } from "vitest";

import type { Action } from "../../../src/domain/action.ts";
import type { Post } from "../../../src/domain/post.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { asRecord } from "../../support/slack/untyped-json.ts";
import { buttonsUnder } from "../../support/slack/shown-actions.ts";
import { openSlackBench } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { ask, writeReply } from "../../support/slack/write-reply.ts";

const signal = new AbortController().signal;

function post(text: string, state: Post["state"], part = 0): Post {
  return { turn: "t1", part, covers: ["1.0"], text, state };
}

const tables = Array.from(
  { length: 55 },
  (_, n) => `### Team ${n}\n\n| a | b |\n| --- | --- |\n| ${n} | x & y |\n`,
);
const long = tables.join("\n");
const short = tables
  .join("\n")
  .replaceAll("### Team", "#")
  .replaceAll(" | ", "|")
  .replaceAll("| --- |", "|---");
const readable = (shown: { readonly text: string; readonly blocks: readonly unknown[] }): string =>
  shown.blocks.length === 0
    ? shown.text.replaceAll("&amp;", "&")
    : shown.blocks.map((block) => String(asRecord(asRecord(block)["text"])["text"])).join("");

test.each([
  ["short", short.slice(0, 3_000)],
  ["long", long],
  ["one endless line", `${long.replaceAll("\n\n", "\n")}\n${"\u{1F600}".repeat(2_500)}`],
])(
  "a post whose blocks Slack rejects is sent complete as plain text, when created and when edited: %s",
  async (_name, text) => {
    let aheadMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
    await using bench = await openSlackBench({ clock, slack: { refusedBlocks: ["markdown"] } });
    const { slack, platform } = bench;
    const to = await ask(bench, "C1");
    await platform.createPost(to, post(text, "done"), signal);
    const id = await platform.createPost(to, post("_Thinking…_", "writing", 1), signal);
    const calls = (): number => slack.calls("chat.update").length;
    for (const length of [text.length - 2, text.length - 1]) {
      const before = calls();
      aheadMs += 60_000;
      await platform.editPost(to, id, post(`${text.slice(0, length).toWellFormed()}…`, "writing", 1), signal);
      // After a refusal the blocks are not sent again with each piece.
      expect(calls() - before).toBe(1);
    }
    await platform.editPost(to, id, post(text, "done", 1), signal);
    const shown = slack.posts("C1", to.target["threadTs"] ?? "");
    expect(shown.map(readable)).toEqual([text, text]);
    expect(shown.map(({ metadata }) => asRecord(asRecord(metadata)["event_payload"])["turn"])).toEqual([
      "t1",
      "t1",
    ]);
  },
);

const actions: readonly Action[] = [
  { id: "regenerate", label: "Regenerate", style: "button", on: "t1" },
  { id: "thumbs-up", label: "👍", style: "thumb", on: "t1" },
  { id: "thumbs-down", label: "👎", style: "thumb", on: "t1" },
];

test("a workspace without feedback buttons gets ordinary ones, and is asked again only after an hour", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
  await using bench = await openSlackBench({ clock, slack: { refusedBlocks: ["context_actions"] } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const calls = (): number => slack.calls().filter(({ method }) => method.startsWith("chat.")).length;
  const spent = [];
  for (const [part, laterMs] of [0, 0, 59 * 60_000, 2 * 60_000].entries()) {
    aheadMs += laterMs;
    const before = calls();
    const id = await platform.createPost(to, { ...post("**It leaks.**", "done", part), actions }, signal);
    spent.push(calls() - before);
    expect(buttonsUnder(slack, id).map(({ type, label }) => `${type} ${label}`)).toEqual([
      "button Regenerate",
      "button 👍",
      "button 👎",
    ]);
  }
  expect(spent).toEqual([2, 1, 1, 2]);
  expect(slack.posts("C1", to.target["threadTs"] ?? "").map(markdownOf)).toEqual(
    Array.from({ length: 4 }, () => "**It leaks.**"),
  );
});

test.each([
  ["its text", ["markdown"], "section actions", 3],
  ["its text and its buttons", ["markdown", "actions", "context_actions"], "", 4],
])("a rejection of %s is not taken for one of feedback buttons", async (_, refusedBlocks, types, calls) => {
  await using bench = await openSlackBench({ slack: { refusedBlocks } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  for (const part of [0, 1]) {
    await platform.createPost(to, { ...post("It & leaks.", "done", part), actions }, signal);
    expect(slack.calls("chat.postMessage")).toHaveLength(calls * (part + 1));
  }
  const shown = slack.posts("C1", to.target["threadTs"] ?? "");
  expect(shown.map(({ blocks }) => blocks.map((block) => asRecord(block)["type"]).join(" "))).toEqual([
    types,
    types,
  ]);
});

test.each([
  "invalid_blocks_format",
  "msg_blocks_too_long",
  "msg_too_long",
  "invalid_attachments",
  "markdown_text_conflict",
  "no_text",
  "invalid_arguments",
])("a text is posted once whichever error rejects its blocks: %s", async (error) => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  slack.fail("chat.postMessage", { kind: "error", error });
  const id = await platform.createPost(to, post("_Thinking…_", "writing"), signal);
  slack.fail("chat.update", { kind: "error", error });
  await platform.editPost(to, id, post("One | two", "done"), signal);
  slack.fail("chat.postEphemeral", { kind: "error", error });
  await platform.sendPrivately(to, ["Three"], signal);
  expect(slack.posts("C1", to.target["threadTs"] ?? "").map(readable)).toEqual(["One | two"]);
  expect(slack.whispers.map(readable)).toEqual(["Three"]);
});

test("message_limit_exceeded pauses posts for longer than a second", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  slack.fail("chat.postMessage", { kind: "error", error: "message_limit_exceeded" });
  const refused = expect.objectContaining({ kind: "rate-limited", retryAfterMs: 30_000 });
  await expect(platform.createPost(to, post("One", "done"), signal)).rejects.toEqual(refused);
});

test("plain text pings no one either", async () => {
  await using bench = await openSlackBench({ slack: { refusedBlocks: ["markdown"] } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  await platform.createPost(to, post(`<!channel> <@U1>\n${long}`, "done"), signal);
  await platform.createPost(to, post(`<!channel> <@U1>\n${short.slice(0, 3_000)}`, "done", 1), signal);
  for (const { text, blocks } of slack.posts("C1", to.target["threadTs"] ?? "")) {
    expect(JSON.stringify([text, blocks])).not.toMatch(/(?:<|&lt;)[!@#]/u);
  }
});

test("a private reply whose blocks Slack rejects is sent as plain text, in the thread or in a DM", async () => {
  await using bench = await openSlackBench({ slack: { refusedBlocks: ["markdown"] } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  await platform.sendPrivately(to, [long], signal);
  expect(slack.whispers.map(readable)).toEqual([long]);
  slack.leave("C1", "U1");
  await platform.sendPrivately(to, [long], signal);
  expect(slack.messages.all.filter(({ channel }) => channel === "D1").map(readable)).toEqual([long]);
});

test("an answer is posted again as a whole where the workspace does not allow edits", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  slack.fail("chat.update", { kind: "error", error: "edit_window_closed" }, 50);
  const text = `# Answer\n\n${"word ".repeat(500)}`.trim();
  const hasty = {
    ...systemClock,
    sleep: (ms: number, wait: AbortSignal) => systemClock.sleep(ms / 50, wait),
  };
  await writeReply(platform, to, text, hasty);
  const shown = slack.posts("C1", to.target["threadTs"] ?? "");
  expect(shown.map(markdownOf)).toEqual([text]);
});

test("a growing post whose blocks Slack rejects costs one call for each piece, with its Stop button too", async () => {
  await using bench = await openSlackBench({ slack: { refusedBlocks: ["markdown", "actions"] } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const stop: Action = { id: "stop", label: "Stop", style: "button", on: "t1" };
  const growing = (text: string): Post => ({ ...post(text, "writing"), actions: [stop] });
  const id = await platform.createPost(to, growing("One"), signal);
  const before = slack.calls("chat.update").length;
  await platform.editPost(to, id, growing("One, two"), signal);
  expect(slack.calls("chat.update").length - before).toBe(1);
  expect(slack.posts("C1", to.target["threadTs"] ?? "").map(readable)).toEqual(["One, two"]);
});

test("a block type that a workspace says it doesn't know is tried again only after an hour, by private replies too", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
  await using bench = await openSlackBench({ clock, slack: { unknownBlocks: ["markdown"] } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const calls = (): number => slack.calls().filter(({ method }) => method.startsWith("chat.")).length;
  const spent = [];
  for (const [part, laterMs] of [0, 0, 59 * 60_000, 2 * 60_000].entries()) {
    aheadMs += laterMs;
    const before = calls();
    await platform.createPost(to, post("# One\n\nTwo", "done", part), signal);
    spent.push(calls() - before);
  }
  expect(spent).toEqual([2, 1, 1, 2]);
  const before = calls();
  await platform.sendPrivately(to, ["# Three"], signal);
  expect(calls() - before).toBe(1);
  expect(slack.whispers.map(readable)).toEqual(["# Three"]);
  expect(slack.posts("C1", to.target["threadTs"] ?? "").map(readable)).toEqual(
    Array.from({ length: 4 }, () => "# One\n\nTwo"),
  );
});

test("where a message may have one table, further ones are code, for an hour without another try", async () => {
  await using bench = await openSlackBench({ slack: { takesOneTable: true } });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const table = "| a | b |\n| --- | --- |\n| 1 | 2 |";
  const spent = [];
  for (const part of [0, 1]) {
    const before = slack.calls("chat.postMessage").length;
    await platform.createPost(to, post(`${table}\n\nand\n\n${table}`, "done", part), signal);
    spent.push(slack.calls("chat.postMessage").length - before);
  }
  expect(spent).toEqual([2, 1]);
  const code = "```\n| a   | b   |\n| --- | --- |\n| 1   | 2   |\n```";
  expect(slack.posts("C1", to.target["threadTs"] ?? "").map(markdownOf)).toEqual([
    `${code}\n\nand\n\n${code}`,
    `${table}\n\nand\n\n${code}`,
  ]);
});

test("a refusal for another reason costs a growing post its tables and headings, until it is complete", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const shown = (): readonly string[] => slack.posts("C1", to.target["threadTs"] ?? "").map(markdownOf);
  slack.fail("chat.postMessage", { kind: "error", error: "msg_blocks_too_long" });
  const id = await platform.createPost(to, post("# One\n\nTwo", "writing"), signal);
  expect(shown()).toEqual(["**One**\n\nTwo"]);
  await platform.editPost(to, id, post("# One\n\nTwo, three", "writing"), signal);
  expect(slack.calls("chat.update")).toHaveLength(1);
  expect(shown()).toEqual(["**One**\n\nTwo, three"]);
  await platform.editPost(to, id, post("# One\n\nTwo, three.", "done"), signal);
  expect(shown()).toEqual(["# One\n\nTwo, three."]);
});

test("an answer with more headings and tables than a message may have is sent in one call", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  await platform.createPost(to, post(long, "done"), signal);
  await platform.sendPrivately(to, [long], signal);
  expect(slack.calls("chat.postMessage")).toHaveLength(1);
  const letters = (text: string): string => text.replaceAll(/[\s#*|`-]/gu, "");
  const [shown] = slack.posts("C1", to.target["threadTs"] ?? "");
  for (const each of [shown, ...slack.whispers])
    expect(letters(markdownOf(each ?? { blocks: [] }))).toBe(letters(long));
});
