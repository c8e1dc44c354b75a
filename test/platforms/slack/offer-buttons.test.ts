import { expect, test } from "vitest";

import type { Offer } from "../../../src/domain/offer.ts";
import { commandsIn } from "../../support/slack/commands-in.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const signal = new AbortController().signal;

const offerAt = (atMs: number): Offer => ({
  id: "2345abcd",
  atMs,
  choices: [
    { label: "Delete for good", name: "forget", argument: "this yes", isDangerous: true },
    { label: "Cancel", name: "cancel", argument: "" },
  ],
  orElse: "Or reply `yes`.",
});

interface Button {
  readonly text: { readonly text: string };
  readonly action_id: string;
  readonly value: string;
  readonly style?: string;
}

/** A private reply with buttons, in the thread of a written command. */
async function offered(bench: SlackBench, atMs: number) {
  const { slack, accepted, platform } = bench;
  const threadTs = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const [said] = accepted.inbounds;
  if (said?.kind !== "said") throw new Error("Nothing was said");
  await platform.sendPrivately(said.replyTo, ["First.", "Sure?"], signal, offerAt(atMs));
  const buttons = slack.whispers.map(({ blocks }) =>
    blocks.flatMap((block): readonly Button[] => {
      const { type, elements }: { type?: string; elements?: readonly Button[] } = JSON.parse(
        JSON.stringify(block),
      );
      return type === "actions" ? (elements ?? []) : [];
    }),
  );
  return { threadTs, buttons };
}

test("offer buttons appear under the last private reply, and give their command once", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const { threadTs, buttons } = await offered(bench, Date.now());
  expect(buttons).toMatchObject([
    [],
    [{ text: { text: "Delete for good" }, style: "danger" }, { text: { text: "Cancel" } }],
  ]);
  const [, [sure, no] = []] = buttons;
  if (sure === undefined || no === undefined) throw new Error("There are no buttons");
  const press = { channel: "C1", user: "U1", actionId: sure.action_id, value: sure.value };
  await slack.pressButton(press);
  await slack.pressButton(press);
  await slack.pressButton({ ...press, actionId: no.action_id, value: no.value });
  const orders = commandsIn(bench);
  expect(orders).toMatchObject([
    { conversation: `slack:T1:C1:${threadTs}`, name: "forget", argument: "this yes", by: { id: "T1:U1" } },
  ]);
  // The answer replaces the question.
  for (const { replyTo } of orders) await platform.sendPrivately(replyTo, ["Done."], signal);
  expect(slack.whispers.at(-1)).toMatchObject({ via: "response_url", replacesOriginal: true, text: "Done." });
});

test("offer buttons find their conversation among many newer ones, and say if it is gone", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const entryOf = (threadTs: string) =>
    ({
      conversation: `slack:T1:C1:${threadTs}`,
      platform: "slack",
      place: "T1:C1",
      title: "",
      lastAtMs: 1,
    }) as const;
  // The bot was called in the middle of the thread, and never received its first message.
  accepted.entries = Array.from({ length: 150 }, (_, index) => entryOf(`9.${index}`)).concat(
    entryOf("3.000003"),
  );
  const at = Date.now();
  for (const thread of ["3.000003", "4.000004"]) {
    const order = {
      id: `id${thread}`,
      at,
      name: "reset",
      argument: "undo",
      team: "T1",
      channel: "C1",
      thread,
    };
    const press = { channel: "C1", user: "U1", actionId: "threadkeeper_offer_0" };
    await slack.pressButton({ ...press, value: JSON.stringify(order) });
  }
  await expect.poll(() => slack.whispers.at(-1)?.text, { timeout: 60_000 }).toContain("not in that thread");
  expect(commandsIn(bench)).toMatchObject([{ conversation: "slack:T1:C1:3.000003", argument: "undo" }]);
});

test("outside of a conversation, a button asks which one its command is for", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const entry = { platform: "slack", place: "T1:C1", lastAtMs: Date.now(), title: "Lunch" } as const;
  accepted.entries = [{ ...entry, conversation: "slack:T1:C1:1.000001" }];
  const outside = { id: "a", at: Date.now(), argument: "", team: "T1", channel: "C1" };
  const press = { channel: "C1", user: "U1", actionId: "threadkeeper_offer_0" };
  await slack.pressButton({ ...press, value: JSON.stringify({ ...outside, name: "summary" }) });
  await expect.poll(() => slack.whispers).toHaveLength(1);
  // The buttons stay, for the other ones.
  expect(slack.whispers).toMatchObject([
    { via: "response_url", replacesOriginal: false, text: "Which conversation is `/summary` for?" },
  ]);
  expect(JSON.stringify(slack.whispers[0]?.blocks)).toContain("threadkeeper_pick:summary:");
  expect(commandsIn(bench)).toEqual([]);
  await slack.pressButton({ ...press, value: JSON.stringify({ ...outside, name: "recall", argument: "x" }) });
  expect(commandsIn(bench)).toMatchObject([{ name: "recall", isOutside: true }]);
});

test("in a thread that the bot does not know, a button gives its command as outside of all conversations", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const entry = { platform: "slack", place: "T1:C1", lastAtMs: Date.now(), title: "Lunch" } as const;
  accepted.entries = [{ ...entry, conversation: "slack:T1:C1:1.000001" }];
  const order = { at: Date.now(), argument: "", team: "T1", channel: "C1", thread: "4.000004" };
  const press = { channel: "C1", user: "U1", actionId: "threadkeeper_offer_0" };
  await slack.pressButton({ ...press, value: JSON.stringify({ ...order, id: "a", name: "summary" }) });
  await expect.poll(() => slack.whispers).toHaveLength(1);
  expect(slack.whispers[0]?.text).toBe("Which conversation is `/summary` for?");
  expect(commandsIn(bench)).toEqual([]);
  await slack.pressButton({ ...press, value: JSON.stringify({ ...order, id: "b", name: "help" }) });
  expect(commandsIn(bench)).toMatchObject([{ conversation: "slack:T1:C1", name: "help", isOutside: true }]);
  expect(commandsIn(bench)[0]?.replyTo.target).not.toHaveProperty("threadTs");
  await slack.pressButton({
    ...press,
    value: JSON.stringify({ ...order, id: "c", name: "reset", argument: "yes" }),
  });
  await expect.poll(() => slack.whispers.at(-1)?.text).toContain("not in that thread");
  expect(commandsIn(bench)).toHaveLength(1);
});

test("offer buttons ask for confirmation again when they are old", async () => {
  await using bench = await openSlackBench();
  const { buttons } = await offered(bench, Date.now() - 2 * 3_600_000);
  const [, [sure] = []] = buttons;
  const { action_id: actionId = "", value = "" } = sure ?? {};
  await bench.slack.pressButton({ channel: "C1", user: "U1", actionId, value });
  expect(commandsIn(bench)).toMatchObject([{ name: "forget", argument: "this" }]);
});

test("offer buttons with foreign or changed values are acknowledged and dropped", async () => {
  await using bench = await openSlackBench();
  const press = { channel: "C1", user: "U1", actionId: "threadkeeper_offer_0" };
  const receipts = [
    await bench.slack.pressButton({ ...press, value: "{" }),
    await bench.slack.pressButton({ ...press, value: '{"id":"x"}' }),
    await bench.slack.pressButton({ ...press, actionId: "vote", value: "yes" }),
  ];
  expect(receipts.every(({ isAcked }) => isAcked)).toBe(true);
  expect(bench.accepted.inbounds).toEqual([]);
});
