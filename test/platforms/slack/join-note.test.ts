import { expect, test } from "vitest";

import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const bot = "UBOT";
const settings = { introducesItself: true };

const joins = ({ accepted }: SlackBench) => accepted.inbounds.filter(({ kind }) => kind === "joined");

function joinOf(user: string, channel = "C1") {
  const event = {
    type: "member_joined_channel",
    user,
    channel,
    channel_type: "C",
    team: "T1",
    inviter: "U1",
  };
  return { ...event, event_ts: "1700000000.000100" };
}

test("the bot's own joining is stored before it is acknowledged", async () => {
  await using bench = await openSlackBench({ settings });
  bench.accepted.before = () => {
    throw new Error("The inbox can't be written");
  };
  expect(await bench.slack.sendEvent(joinOf(bot))).toMatchObject({ isAcked: false });
  bench.accepted.before = () => undefined;
  expect(await bench.slack.sendEvent(joinOf(bot))).toMatchObject({ isAcked: true });
  expect(joins(bench)).toHaveLength(1);
});

test.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])("the bot's own joining counts once, %s", async (_, isSocketMode) => {
  await using bench = await openSlackBench({ isSocketMode, settings });
  expect(await bench.slack.sendEvent(joinOf(bot))).toMatchObject({ isAcked: true });
  await bench.slack.deliveries.redeliver();
  await bench.slack.sendEvent(joinOf(bot));
  expect(joins(bench)).toMatchObject([
    {
      conversation: "place:slack:T1:C1",
      dedupeId: "slack:joined:T1:C1",
      platform: "slack",
      place: "T1:C1",
      replyTo: { platform: "slack", target: { team: "T1", channel: "C1" } },
    },
  ]);
  expect(JSON.stringify(joins(bench))).not.toContain("threadTs");
});

test("each channel is joined by itself, and other people's joining is nothing", async () => {
  await using bench = await openSlackBench({ settings });
  await bench.slack.sendEvent(joinOf("U2"));
  await bench.slack.sendEvent(joinOf(bot));
  await bench.slack.sendEvent(joinOf(bot, "G2"));
  await bench.slack.sendEvent({ type: "member_joined_channel", user: bot });
  expect(joins(bench).map(({ place }) => place)).toEqual(["T1:C1", "T1:G2"]);
});

test("a channel that got a new id is not joined again", async () => {
  await using bench = await openSlackBench({ settings });
  await bench.slack.sendEvent(joinOf(bot));
  await bench.slack.rename("C1", "CNEW");
  await bench.slack.sendEvent(joinOf(bot, "CNEW"));
  expect(joins(bench)).toHaveLength(1);
});

test("where the operator wants no note, joining is nothing", async () => {
  await using bench = await openSlackBench({ settings: { introducesItself: false } });
  expect(await bench.slack.sendEvent(joinOf(bot))).toMatchObject({ isAcked: true });
  expect(bench.accepted.inbounds).toEqual([]);
});
