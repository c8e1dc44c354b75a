import { describe, expect, test } from "vitest";

import type { CommandInbound } from "../../../src/domain/inbound.ts";
import { commandsIn } from "../../support/slack/commands-in.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { messageIdOf } from "../../../src/domain/message.ts";

const signal = new AbortController().signal;

function commanded(bench: SlackBench): CommandInbound {
  const [order] = commandsIn(bench);
  if (order === undefined) throw new Error("Nothing was ordered");
  return order;
}

describe.each([
  { way: "HTTP", isSocketMode: false },
  { way: "Socket Mode", isSocketMode: true },
])("commands over $way", ({ isSocketMode }) => {
  test("a slash command offers the channel's recent conversations, and the choice is the command", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    slack.addPerson("U1", "Ada", { tz: "Asia/Tokyo" });
    const hourAgoMs = Date.now() - 3_600_000;
    const place = "T1:C1";
    const title = "A long <title> ".repeat(20);
    accepted.entries = [
      { conversation: "slack:T1:C1:2.000002", platform: "slack", place, title, lastAtMs: hourAgoMs },
      { conversation: "slack:T1:C1:1.000001", platform: "slack", place, title: "", lastAtMs: Date.now() },
      { conversation: "slack:T1:C2:3.000003", platform: "slack", place: "T1:C2", title: "no", lastAtMs: 1 },
    ];
    await slack.command({ channel: "C1", user: "U1", command: "/summary", text: " Share " });
    const [question] = slack.whispers;
    expect(question).toMatchObject({ via: "ack", user: "U1" });
    const [, actions] = question?.blocks ?? [];
    expect(actions).toMatchObject({
      type: "actions",
      block_id: "threadkeeper_pick:summary:Share",
      elements: [
        {
          type: "static_select",
          options: [
            {
              value: "2.000002",
              text: { text: expect.stringMatching(/^A long <title>.{10,}… · 1 h ago$/u) },
            },
            { value: "1.000001", text: { text: "(no text) · just now" } },
          ],
        },
      ],
    });
    expect(accepted.inbounds).toHaveLength(0);

    const blockId = "threadkeeper_pick:summary:Share";
    const press = { channel: "C1", user: "U1", actionId: "threadkeeper_pick", value: "2.000002", blockId };
    const label = "Plan [for] `Friday` · and Monday · 1 h ago";
    expect((await slack.press({ ...press, label })).isAcked).toBe(true);
    const order = commanded(bench);
    expect(order).toMatchObject({
      conversation: "slack:T1:C1:2.000002",
      place,
      name: "summary",
      argument: "Share",
      by: { id: "T1:U1", name: "Ada", timeZone: "Asia/Tokyo" },
      replyTo: { platform: "slack", expiresAtMs: expect.any(Number) },
    });
    await platform.sendPrivately(order.replyTo, ["First.", "Second."], signal);
    const [first, second] = slack.whispers.slice(1);
    expect(first).toMatchObject({ via: "response_url", replacesOriginal: true });
    expect(markdownOf(first ?? { blocks: [] })).toMatch(
      /^In \[“Plan for Friday · and Monday”\]\(http:.+\/archives\/C1\/p2000002\):\n\nFirst\.$/u,
    );
    expect(second).toMatchObject({ via: "response_url", replacesOriginal: false, text: "Second." });
  });

  test("a slash command in a channel without conversations gets a friendly message", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    await slack.command({ channel: "C1", user: "U1", command: "/reset" });
    expect(slack.whispers).toMatchObject([{ via: "ack", text: expect.stringMatching(/^No conversations/u) }]);
  });

  test("the menu under an answer gives a command for its thread, answered privately", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    const ts = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const [said] = accepted.inbounds;
    if (said?.kind !== "said") throw new Error("Nothing was said");
    const post = { turn: "t1", part: 0, covers: [ts], text: "Hi", state: "done" } as const;
    const messageTs = messageIdOf(await platform.createPost(said.replyTo, post, signal));
    slack.addPerson("U2", "Bob");
    await slack.press({
      channel: "C1",
      user: "U2",
      actionId: "threadkeeper_menu",
      value: "summary share",
      messageTs,
    });
    const order = commanded(bench);
    expect(order).toMatchObject({
      conversation: `slack:T1:C1:${ts}`,
      name: "summary",
      argument: "share",
      by: { id: "T1:U2", name: "Bob" },
    });
    await platform.sendPrivately(order.replyTo, ["For you."], signal);
    expect(slack.whispers).toMatchObject([
      { via: "response_url", user: "U2", threadTs: ts, text: "For you.", replacesOriginal: false },
    ]);
  });

  test("a message shortcut gives a command for the thread of its message", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const ts = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const messageTs = await slack.say({ channel: "C1", user: "U2", text: "well", threadTs: ts });
    const callbackId = "threadkeeper_reset";
    await slack.shortcut({ channel: "C1", user: "U2", callbackId, messageTs });
    expect(commanded(bench)).toMatchObject({
      conversation: `slack:T1:C1:${ts}`,
      name: "reset",
      argument: "",
    });
  });

  test("a message shortcut outside the bot's threads gets a friendly message and is not accepted", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const { ts: messageTs } = slack.write({ channel: "C1", user: "U1", text: "lunch?" });
    const callbackId = "threadkeeper_reset";
    const receipt = await slack.shortcut({ channel: "C1", user: "U1", callbackId, messageTs });
    expect(receipt.isAcked).toBe(true);
    await expect
      .poll(() => slack.whispers)
      .toMatchObject([{ text: expect.stringMatching(/not in that thread/u) }]);
    expect(accepted.inbounds).toHaveLength(0);
  });

  test("presses of foreign elements are acknowledged and dropped", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const { ts: messageTs } = slack.write({ channel: "C1", user: "U1", text: "vote" });
    const other = { channel: "C1", user: "U1", messageTs };
    const receipts = [
      await slack.press({ ...other, actionId: "vote", value: "yes" }),
      await slack.shortcut({ ...other, callbackId: "pin_it" }),
      await slack.deliveries.send({ type: "interactive", retry: 0, body: { type: "view_closed", user: {} } }),
    ];
    expect(receipts.every((receipt) => receipt.isAcked)).toBe(true);
    expect(accepted.inbounds).toHaveLength(0);
  });

  test("a press that can't be stored is not acknowledged, and the person gets a message", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const messageTs = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    accepted.before = () => {
      throw new Error("The inbox can't be written");
    };
    slack.sockets.ackWithinMs = 500;
    const order = { channel: "C1", user: "U1", callbackId: "threadkeeper_reset", messageTs };
    expect((await slack.shortcut(order)).isAcked).toBe(false);
    await expect.poll(() => slack.whispers).toMatchObject([{ text: expect.stringMatching(/my memory/u) }]);
  });
});

describe("a private reply", () => {
  async function ordered(bench: SlackBench): Promise<CommandInbound> {
    const messageTs = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const order = { channel: "C1", user: "U1", callbackId: "threadkeeper_reset", messageTs };
    await bench.slack.shortcut(order);
    return commanded(bench);
  }

  test("continues in the thread after five uses of the response_url", async () => {
    await using bench = await openSlackBench();
    const { replyTo } = await ordered(bench);
    await bench.platform.sendPrivately(replyTo, ["1", "2", "3", "4", "5", "6"], signal);
    expect(bench.slack.whispers.map(({ via, text }) => `${via} ${text}`)).toEqual([
      "response_url 1",
      "response_url 2",
      "response_url 3",
      "response_url 4",
      "response_url 5",
      "chat.postEphemeral 6",
    ]);
  });

  test("goes to the thread when the response_url has expired, by our clock or by Slack's", async () => {
    await using bench = await openSlackBench();
    const { replyTo } = await ordered(bench);
    bench.slack.pass(31 * 60_000);
    await bench.platform.sendPrivately(replyTo, ["Slack noticed"], signal);
    await bench.platform.sendPrivately({ ...replyTo, expiresAtMs: Date.now() }, ["We noticed"], signal);
    expect(bench.slack.whispers).toMatchObject([
      { via: "chat.postEphemeral", text: "Slack noticed", threadTs: replyTo.target["threadTs"] },
      { via: "chat.postEphemeral", text: "We noticed", user: "U1" },
    ]);
  });

  test("goes to a DM when the person has left the channel", async () => {
    await using bench = await openSlackBench();
    const { slack, platform, accepted } = bench;
    await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const [said] = accepted.inbounds;
    if (said?.kind !== "said") throw new Error("Nothing was said");
    slack.leave("C1", "U1");
    await platform.sendPrivately(said.replyTo, ["Only you"], signal);
    expect(slack.messages.all.at(-1)).toMatchObject({ channel: "D1", text: "Only you", botId: "BBOT" });
  });

  test("is never sent to a URL outside Slack", async () => {
    await using bench = await openSlackBench();
    const { replyTo } = await ordered(bench);
    const target = { ...replyTo.target, responseUrl: "http://169.254.169.254/latest/meta-data" };
    await bench.platform.sendPrivately({ ...replyTo, target }, ["Hi"], signal);
    expect(bench.slack.whispers).toMatchObject([{ via: "chat.postEphemeral", text: "Hi" }]);
  });

  test("is a PlatformError at a rate limit or an outage", async () => {
    await using bench = await openSlackBench();
    const { replyTo } = await ordered(bench);
    bench.slack.fail("response_url", { kind: "rate-limited", retryAfterSeconds: 3 });
    await expect(bench.platform.sendPrivately(replyTo, ["Hi"], signal)).rejects.toMatchObject({
      kind: "rate-limited",
      retryAfterMs: 3_000,
    });
    bench.slack.fail("response_url", { kind: "reset", when: "before" });
    await expect(bench.platform.sendPrivately(replyTo, ["Hi"], signal)).rejects.toMatchObject({
      kind: "unreachable",
    });
  });
});
