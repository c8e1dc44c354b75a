import { describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { scopesOfManifest } from "../../support/slack/slack-scopes.ts";

const signal = new AbortController().signal;

const given = {
  text: "This conversation, <!channel>:",
  files: [
    { name: "talk.md", mediaType: "text/markdown; charset=utf-8", text: "# Grüße & <b>\n" },
    { name: "talk.json", mediaType: "application/json; charset=utf-8", text: '{"é":1}' },
  ],
};

/** A person asks in a message; returns where to answer. */
async function asked(bench: SlackBench, channel: string): Promise<ReplyAddress> {
  await bench.slack.say({ channel, user: "U1", text: "export", mention: true });
  const said = bench.accepted.inbounds.at(-1);
  if (said?.kind !== "said") throw new Error("Nothing was said");
  return said.replyTo;
}

function shared({ slack }: SlackBench): readonly unknown[] {
  return slack.uploads.all.filter(({ sharedIn }) => sharedIn !== undefined);
}

test("files requested in a channel are sent by DM, and a notice appears in the channel", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench, "C1");
  await platform.sendFilesPrivately(to, given, signal);
  expect(slack.uploads.all).toMatchObject([
    { id: "F1", name: "talk.md", length: 16, text: "# Grüße & <b>\n", sharedIn: "D1" },
    { id: "F2", name: "talk.json", length: 8, text: '{"é":1}', sharedIn: "D1" },
  ]);
  const [message, ...more] = slack.messages.all.filter(({ channel }) => channel === "D1");
  expect(more).toEqual([]);
  expect(message).toMatchObject({ files: [{ name: "talk.md" }, { name: "talk.json" }], botId: "BBOT" });
  expect(message?.text).toBe("This conversation, &lt;\u200B!channel&gt;:");
  expect(message).not.toHaveProperty("threadTs");
  expect(slack.whispers).toMatchObject([
    { via: "chat.postEphemeral", channel: "C1", user: "U1", text: expect.stringMatching(/your DMs/u) },
  ]);
});

test("files requested in the DM are sent in its thread, without a further message", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench, "D1");
  await platform.sendFilesPrivately(to, given, signal);
  expect(slack.posts("D1", to.target["threadTs"] ?? "")).toMatchObject([{ files: [{}, {}] }]);
  expect(slack.whispers).toEqual([]);
  const picked = { ...to, target: { ...to.target, replacesOriginal: "yes" } };
  await platform.sendFilesPrivately(picked, given, signal);
  expect(slack.whispers).toMatchObject([{ text: expect.stringMatching(/in the thread/u) }]);
});

test("a sent file is never taken for a post of a reply", async () => {
  const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 10, until) };
  await using bench = await openSlackBench({ slack: { showsMetadata: false }, clock: hasty });
  const { slack, platform } = bench;
  const to = await asked(bench, "D1");
  const sinceMs = Date.now() - 1_000;
  await platform.sendFilesPrivately(to, given, signal);
  await slack.echoed();
  const sought = { turn: "t1", part: 0, covers: [to.target["threadTs"] ?? ""], text: "x", state: "writing" };
  const finding = platform.findPost(to, { ...sought, state: "writing" }, sinceMs, signal);
  expect(await finding).toBeUndefined();
});

describe("what can't be sent", () => {
  test("for lack of the scope is an error that names it, and sends nothing", async () => {
    const scopes = scopesOfManifest().filter((scope) => scope !== "files:write");
    await using bench = await openSlackBench({ slack: { scopes } });
    const to = await asked(bench, "C1");
    await expect(bench.platform.sendFilesPrivately(to, given, signal)).rejects.toMatchObject({
      kind: "forbidden",
      message: "Slack refused: missing_scope (it needs files:write)",
    });
    expect(bench.slack.messages.all).toHaveLength(1);
    expect(bench.slack.whispers).toEqual([]);
  });

  test.each([
    ["files.getUploadURLExternal", { kind: "status", status: 503 }, "unreachable"],
    ["files.getUploadURLExternal", { kind: "rate-limited", retryAfterSeconds: 2 }, "rate-limited"],
    ["upload", { kind: "status", status: 500 }, "unreachable"],
    ["upload", { kind: "reset", when: "before" }, "unreachable"],
    ["files.completeUploadExternal", { kind: "error", error: "restricted_action" }, "forbidden"],
    ["conversations.open", { kind: "error", error: "user_disabled" }, "gone"],
  ] as const)("%s %j: %s, and nothing is visible", async (method, fault, kind) => {
    await using bench = await openSlackBench();
    const to = await asked(bench, "C1");
    bench.slack.fail(method, fault);
    await expect(bench.platform.sendFilesPrivately(to, given, signal)).rejects.toMatchObject({ kind });
    expect(shared(bench)).toEqual([]);
    expect(bench.slack.whispers).toEqual([]);
  });

  test("is only the message about the files: the files are sent all the same", async () => {
    await using bench = await openSlackBench();
    const to = await asked(bench, "C1");
    bench.slack.fail("chat.postEphemeral", { kind: "status", status: 503 });
    await bench.platform.sendFilesPrivately(to, given, signal);
    expect(shared(bench)).toHaveLength(2);
    expect(bench.log.lines.map(({ message }) => message)).toContain(
      "files were sent, but not the message about them",
    );
  });

  test("in time ends by the caller's signal", async () => {
    await using bench = await openSlackBench();
    const to = await asked(bench, "C1");
    bench.slack.fail("upload", { kind: "hang" });
    const caller = new AbortController();
    const giving = bench.platform.sendFilesPrivately(to, given, caller.signal);
    await expect.poll(() => bench.slack.faultsLeft("upload")).toBe(0);
    caller.abort(new Error("Stopping"));
    await expect(giving).rejects.toThrow("Stopping");
    expect(shared(bench)).toEqual([]);
  });
});
