import { describe, expect, test } from "vitest";

import { commandsIn } from "../../support/slack/commands-in.ts";
import { openSlackBench } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";

const signal = new AbortController().signal;

describe.each([
  { way: "HTTP", isSocketMode: false },
  { way: "Socket Mode", isSocketMode: true },
])("slash commands over $way", ({ isSocketMode }) => {
  test.each(["C1", "D1"])("one about the place is accepted at once, in %s", async (channel) => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    slack.addPerson("U1", "Ada", { tz: "Asia/Tokyo" });
    const text = "  The  <Plan> & “Friday” Share ";
    const receipt = await slack.command({ channel, user: "U1", command: "/recall", text });
    expect(receipt.isAcked).toBe(true);
    expect(slack.whispers).toEqual([]);
    const [order] = accepted.inbounds;
    if (order?.kind !== "commanded") throw new Error("Nothing was ordered");
    expect(order).toEqual({
      kind: "commanded",
      conversation: `slack:T1:${channel}`,
      dedupeId: expect.stringMatching(/^slack:slash:T1:trigger\./u),
      platform: "slack",
      place: `T1:${channel}`,
      name: "recall",
      argument: "The  <Plan> & “Friday” Share",
      by: { id: "T1:U1", name: "Ada", timeZone: "Asia/Tokyo" },
      saidAtMs: expect.any(Number),
      isOutside: true,
      replyTo: {
        platform: "slack",
        installation: "T1",
        target: { team: "T1", channel, user: "U1", responseUrl: expect.stringMatching(/\/hooks\//u) },
        expiresAtMs: expect.any(Number),
      },
    });
    await platform.sendPrivately(order.replyTo, ["Found."], signal);
    slack.pass(31 * 60_000);
    await platform.sendPrivately(order.replyTo, ["And more."], signal);
    expect(slack.whispers).toMatchObject([
      { via: "response_url", channel, user: "U1", text: "Found.", replacesOriginal: false },
      { via: "chat.postEphemeral", channel, user: "U1", text: "And more." },
    ]);
    expect(slack.whispers.some((whisper) => "threadTs" in whisper)).toBe(false);
  });

  test("each works with the prefix tk- and in any letter case", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    for (const command of ["/tk-help", "/help", "/TK-Help"]) {
      await slack.command({ channel: "C1", user: "U1", command });
    }
    expect(accepted.inbounds).toMatchObject(["help", "help", "help"].map((name) => ({ name })));
  });

  test("an unknown one gets a private message and is not accepted", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const receipt = await slack.command({ channel: "C1", user: "U1", command: "/dance" });
    expect(receipt.isAcked).toBe(true);
    expect(slack.whispers).toMatchObject([{ via: "ack", text: expect.stringMatching(/don't know/u) }]);
    expect(accepted.inbounds).toEqual([]);
  });

  test("one that can't be stored is acknowledged with a message, because Slack does not deliver it again", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    accepted.before = () => {
      throw new Error("The inbox can't be written");
    };
    const receipt = await slack.command({ channel: "C1", user: "U1", command: "/recall", text: "plan" });
    expect(receipt.isAcked).toBe(true);
    expect(slack.whispers).toMatchObject([{ via: "ack", text: expect.stringMatching(/my memory/u) }]);
    expect(accepted.inbounds).toEqual([]);
  });

  test("a picked conversation gets the argument as typed, and an argument that is too long is refused", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const entry = { platform: "slack", place: "T1:C1", lastAtMs: Date.now() } as const;
    accepted.entries = [
      // The channel's own entry is in the directory, but can't be picked.
      { ...entry, conversation: "slack:T1:C1", title: "" },
      { ...entry, conversation: "slack:T1:C1:1.000001", title: "Lunch" },
    ];
    const longest = `2026-11-20:${"x".repeat(189)}`;
    await slack.command({ channel: "C1", user: "U1", command: "/summary", text: longest });
    await slack.command({ channel: "C1", user: "U1", command: "/summary", text: `${longest}y` });
    const [offered, refused] = slack.whispers;
    expect(offered?.blocks).toMatchObject([
      { text: { text: expect.stringMatching(/^Which conversation is `\/summary 2026-11-20:x+…` for\?$/u) } },
      {
        block_id: `threadkeeper_pick:summary:${longest}`,
        elements: [{ options: [{ value: "1.000001", text: { text: "Lunch · just now" } }] }],
      },
    ]);
    expect(refused).toMatchObject({ text: expect.stringMatching(/too long/u) });

    const blockId = `threadkeeper_pick:summary:${longest}`;
    const label = "Lunch · just now";
    const press = { channel: "C1", user: "U1", actionId: "threadkeeper_pick", value: "1.000001" };
    accepted.located.set("T1:C1/1.000001", "slack:T1:C1:1.000001");
    await slack.press({ ...press, blockId, label });
    expect(commandsIn(bench)).toMatchObject([{ name: "summary", argument: longest }]);
  });

  test("the message about a deleted picked conversation names it", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const blockId = "threadkeeper_pick:reset:";
    const press = { channel: "C1", user: "U1", actionId: "threadkeeper_pick", value: "1.000001", blockId };
    await slack.press({ ...press, label: "Lunch <!here> · 2 h ago" });
    await expect.poll(() => slack.whispers.length).toBe(1);
    const [line] = slack.whispers;
    expect(markdownOf(line ?? { blocks: [] })).toMatch(/^In \[“Lunch !here”\]\(.+\/p1000001\):\n\nI'm not/u);
  });
});
