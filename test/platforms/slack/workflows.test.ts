import { expect, test } from "vitest";

import { AppCalls } from "../../../src/conversation/addressing/app-calls.ts";
import { isCall } from "../../../src/conversation/addressing/addressing.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";

const flow = { subtype: "bot_message", bot_id: "BWF", username: "Digest", workflow_id: "Wf1" };

interface Bench extends SlackBench {
  readonly appCalls: AppCalls;
}

/** Slack, with the rules of the core for the calls of apps. */
async function openBench(settings: SlackBenchOptions["settings"] = {}): Promise<Bench> {
  const bench = await openSlackBench({ settings });
  return Object.assign(bench, { appCalls: new AppCalls({ clock, log: bench.log }) });
}

/** Posts as a workflow; resolves to whether that calls the bot. */
async function post({ slack, accepted, appCalls }: Bench, wire: Readonly<Record<string, unknown>>) {
  const ts = slack.messages.nextTs();
  await slack.sendEvent({ type: "message", channel: "C1", team: "T1", ...flow, ts, event_ts: ts, ...wire });
  const said = accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
  if (said?.kind !== "said") throw new Error("Nothing was said");
  return isCall(appCalls.check(said));
}

test("a workflow calls the bot only by mentioning it, also in a thread with one person", async () => {
  await using bench = await openBench({ answersWorkflows: true });
  const root = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const inThread = { thread_ts: root, channel_type: "channel" };
  expect(await post(bench, { ...inThread, text: "<@UBOT> sum up" })).toBe(true);
  // Each answer starts it again, in a thread where every message is for the bot.
  expect(await post(bench, { ...inThread, text: "noted" })).toBe(false);
  expect(await post(bench, { ...inThread, text: "<@U1> noted" })).toBe(false);
});

test.each([
  ["a channel", { text: "<@UBOT> sum up", channel_type: "channel" }],
  ["a direct message", { text: "sum up", channel: "D1", channel_type: "im" }],
])("only ten of a hundred calls of a workflow in %s within an hour count", async (_, wire) => {
  await using bench = await openBench({ answersWorkflows: true });
  const calls = [];
  for (let count = 0; count < 100; count += 1) calls.push(await post(bench, wire));
  expect(calls.filter(Boolean)).toHaveLength(10);
  expect(calls.lastIndexOf(true)).toBe(9);
});

test("a workflow that gets no answers can't call the bot", async () => {
  await using bench = await openBench();
  expect(await post(bench, { text: "<@UBOT> sum up", channel_type: "channel" })).toBe(false);
  expect(await post(bench, { text: "sum up", channel: "D1", channel_type: "im" })).toBe(false);
});
