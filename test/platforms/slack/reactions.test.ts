import { describe, expect, test } from "vitest";

import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const patiently = { timeout: 60_000, interval: 5 };
const commands = ({ accepted }: SlackBench) =>
  accepted.inbounds.flatMap((inbound) => (inbound.kind === "commanded" ? [inbound] : []));

/** Ada's question, and Grace's reply to it. */
async function openThread(isSocketMode: boolean) {
  const bench = await openSlackBench({ isSocketMode });
  const { slack } = bench;
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Grace");
  const root = await slack.say({ channel: "C1", user: "U1", text: "Where is the key?", mention: true });
  const reply = await slack.say({ channel: "C1", user: "U2", text: "I have it", threadTs: root });
  const callsBefore = slack.calls().length;
  return {
    bench,
    slack,
    root,
    reply,
    calls: () => slack.calls().length - callsBefore,
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

describe.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])("Slack %s", (_, isSocketMode) => {
  test("🔇 on any message of a thread is a mute, and an unmute when it is removed", async () => {
    await using thread = await openThread(isSocketMode);
    const { bench, slack, root, reply } = thread;
    for (const ts of [root, reply])
      for (const isRemoved of [false, true])
        await slack.react({ channel: "C1", user: "U2", ts, name: "mute", isRemoved });
    const where = { conversation: `slack:T1:C1:${root}`, place: "T1:C1", platform: "slack", argument: "" };
    const by = { by: { id: "T1:U2" }, replyTo: { target: { channel: "C1", threadTs: root, user: "U2" } } };
    expect(commands(bench)).toMatchObject(
      [root, reply].flatMap((reactedTo) =>
        ["mute", "unmute"].map((name) => Object.assign({ name, reactedTo }, where, by)),
      ),
    );
    expect(thread.calls()).toBe(0);
  });
});

test("an event that comes twice counts once, and one that could not be stored comes again", async () => {
  await using thread = await openThread(false);
  const { bench, slack, root: ts } = thread;
  bench.accepted.before = () => Promise.reject(new Error("away"));
  await slack.react({ channel: "C1", user: "U2", ts, name: "mute" });
  expect(slack.whispers).toEqual([]);
  bench.accepted.before = () => undefined;
  const [again] = slack.deliveries.undelivered;
  await slack.deliveries.redeliver();
  if (again !== undefined) await slack.deliveries.send(again);
  await slack.react({ channel: "C1", user: "U2", ts, name: "mute", isRemoved: true });
  await slack.react({ channel: "C1", user: "U2", ts, name: "mute" });
  expect(commands(bench).map(({ name }) => name)).toEqual(["mute", "unmute", "mute"]);
});

test("an event that comes again after its removal has the time of the reaction", async () => {
  await using thread = await openThread(false);
  const { bench, slack, root: ts } = thread;
  bench.accepted.before = () => Promise.reject(new Error("away"));
  await slack.react({ channel: "C1", user: "U2", ts, name: "mute" });
  bench.accepted.before = () => undefined;
  await slack.react({ channel: "C1", user: "U2", ts, name: "mute", isRemoved: true });
  await slack.deliveries.redeliver();
  const [removed, added] = commands(bench);
  expect([removed?.name, added?.name]).toEqual(["unmute", "mute"]);
  expect(added?.saidAtMs).toBeLessThan(removed?.saidAtMs ?? 0);
});

test("other reactions, those to files and the bot's own cost no look-up and no call", async () => {
  await using thread = await openThread(false);
  const { bench, slack, root: ts } = thread;
  let lookUps = 0;
  const { locate } = bench.accepted;
  Object.assign(bench.accepted, {
    locate: (...where: Parameters<typeof locate>) => {
      lookUps += 1;
      return locate(...where);
    },
  });
  for (const name of ["eyes", "no_bell", "muted", "mute::skin-tone-2"])
    await slack.react({ channel: "C1", user: "U2", ts, name });
  await slack.react({ channel: "C1", user: "UBOT", ts, name: "mute" });
  const event = { type: "reaction_added", user: "U2", reaction: "mute", event_ts: "1.1" };
  await slack.sendEvent({ ...event, item: { type: "file", file: "F1" } });
  expect([lookUps, thread.calls(), commands(bench)]).toEqual([0, 0, []]);
  await slack.react({ channel: "C1", user: "U2", ts, name: "mute" });
  expect([lookUps, commands(bench).length]).toEqual([1, 1]);
});

test("a reaction to a post of an answer that is being written belongs to its thread", async () => {
  await using thread = await openThread(false);
  const { bench, slack, root } = thread;
  const said = bench.accepted.inbounds.find((inbound) => inbound.kind === "said");
  if (said?.kind !== "said") throw new Error("Nothing was said");
  const post = { turn: "t1", part: 0, text: "Half an", state: "writing", covers: [root] } as const;
  await bench.platform.createPost(said.replyTo, post, new AbortController().signal);
  const [shown] = slack.posts("C1", root);
  await slack.react({ channel: "C1", user: "U1", ts: shown?.ts ?? "", name: "mute" });
  await expect
    .poll(() => commands(bench), patiently)
    .toMatchObject([{ conversation: `slack:T1:C1:${root}`, reactedTo: shown?.ts }]);
});

test("a reaction in a channel with a new id belongs to the thread under the first one", async () => {
  await using thread = await openThread(false);
  const { bench, slack, root } = thread;
  await slack.rename("C1", "C2");
  await slack.react({ channel: "C2", user: "U2", ts: root, name: "mute" });
  expect(commands(bench)).toMatchObject([{ conversation: `slack:T1:C1:${root}` }]);
});
