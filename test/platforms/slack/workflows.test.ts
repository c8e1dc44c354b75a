import { expect, test } from "vitest";

import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const flow = { subtype: "bot_message", bot_id: "BWF", username: "Digest", workflow_id: "Wf1" };

/** What a workflow posts; resolves to whether it may call the bot by that. */
async function post({ slack, accepted }: SlackBench, wire: Readonly<Record<string, unknown>>) {
  const ts = slack.messages.nextTs();
  await slack.sendEvent({ type: "message", channel: "C1", team: "T1", ...flow, ts, event_ts: ts, ...wire });
  const said = accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
  if (said?.kind !== "said") throw new Error("Nothing was said");
  return said.mayCall === true;
}

test("a workflow that is answered calls by its mentions alone: what it says to one person in a thread is overheard", async () => {
  await using bench = await openSlackBench({ settings: { answersWorkflows: true } });
  const root = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const inThread = { thread_ts: root, channel_type: "channel" };
  expect(await post(bench, { ...inThread, text: "<@UBOT> sum up" })).toBe(true);
  // It is started by each answer, in a thread where all that is said is for the bot.
  expect(await post(bench, { ...inThread, text: "noted" })).toBe(false);
  expect(await post(bench, { ...inThread, text: "<@U1> noted" })).toBe(false);
});

test.each([
  ["a channel", { text: "<@UBOT> sum up", channel_type: "channel" }],
  ["a direct message", { text: "sum up", channel: "D1", channel_type: "im" }],
])("a hundred calls of a workflow in %s within the hour are ten", async (_, wire) => {
  await using bench = await openSlackBench({ settings: { answersWorkflows: true } });
  const calls = [];
  for (let count = 0; count < 100; count += 1) calls.push(await post(bench, wire));
  expect(calls.filter(Boolean)).toHaveLength(10);
  expect(calls.lastIndexOf(true)).toBe(9);
});

test("a workflow that is not answered calls nowhere", async () => {
  await using bench = await openSlackBench();
  expect(await post(bench, { text: "<@UBOT> sum up", channel_type: "channel" })).toBe(false);
  expect(await post(bench, { text: "sum up", channel: "D1", channel_type: "im" })).toBe(false);
});
