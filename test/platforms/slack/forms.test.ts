import { expect, test } from "vitest";

import type { Pressed } from "../../../src/domain/inbound.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { asRecord, asText } from "../../support/slack/untyped-json.ts";

const value = JSON.stringify({ action: "thumbs-down", on: "t1" });
const outage = "I can't reach my memory right now. Please try again in a few minutes.";

interface Thumbs {
  readonly conversation: string;
  /** U2 presses the thumbs-down of an answer in C1. */
  readonly pressDown: (from?: { userTeam?: string; times?: number }) => Promise<void>;
  readonly presses: () => readonly Pressed[];
  /** The form that opened for U2. */
  readonly form: () => Promise<SlackBench["slack"]["views"]["shown"][number]>;
}

async function openThumbs(options: SlackBenchOptions = {}): Promise<SlackBench & Thumbs> {
  const bench = await openSlackBench(options);
  const { slack, accepted } = bench;
  const messageTs = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  slack.addPerson("U2", "Bo");
  const press = { channel: "C1", user: "U2", messageTs, actionId: "threadkeeper_feedback", value };
  return {
    ...bench,
    conversation: `slack:T1:C1:${messageTs}`,
    pressDown: async (from = {}) => void (await slack.pressFeedback({ ...press, ...from })),
    presses: () => accepted.inbounds.filter((each) => each.kind === "pressed"),
    form: async () => {
      await expect.poll(() => slack.views.shown).toHaveLength(1);
      return slack.views.of("U2");
    },
  };
}

/** A form as Slack delivers it, with other content. */
async function sendForged({ slack }: SlackBench, view: Readonly<Record<string, unknown>>) {
  const body = slack.views.submission(slack.views.of("U2"), "Wrong", "trigger.forged");
  const forged = { ...body, view: { ...asRecord(body["view"]), ...view } };
  return slack.deliveries.send({ type: "interactive", retry: 0, body: forged });
}

test("the form of a thumbs-down asks for a reason, and tells Slack nothing about people or texts", async () => {
  await using bench = await openThumbs();
  await bench.pressDown();
  const { view } = await bench.form();
  expect(view).toMatchObject({
    title: { text: "What was wrong?" },
    submit: { text: "Send" },
    blocks: [{ optional: true, label: { text: "Reason (optional)" }, element: { max_length: 1_000 } }],
  });
  const [, team, channel, thread] = bench.conversation.split(":");
  const origin = { action: "thumbs-down", on: "t1", team, channel, thread, message: thread };
  expect(JSON.parse(asText(view["private_metadata"]))).toEqual(origin);
});

test.each([
  ["whose trigger has expired", { kind: "error", error: "expired_trigger_id" }],
  ["that Slack limits", { kind: "rate-limited", retryAfterSeconds: 30 }],
  ["that gets no answer", { kind: "hang" }],
] as const)("a thumbs-down counts without a form %s, and only the log tells", async (_, fault) => {
  await using bench = await openThumbs();
  bench.slack.fail("views.open", fault);
  await bench.pressDown();
  expect(bench.presses()).toMatchObject([{ action: "thumbs-down", on: "t1", by: { id: "T1:U2" } }]);
  await expect
    .poll(() => bench.log.lines.filter(({ level }) => level === "warn"), { timeout: 60_000 })
    .toMatchObject([{ message: expect.stringContaining("a form could not be opened in Slack") }]);
  await expect.poll(() => bench.slack.whispers.map(markdownOf)).toEqual(["Thanks for the feedback."]);
  expect(bench.slack.views.shown).toEqual([]);
});

test("a thumbs-up is thanked for once, to the person alone", async () => {
  await using bench = await openThumbs();
  const { slack } = bench;
  const messageTs = bench.conversation.split(":").at(-1) ?? "";
  const up = JSON.stringify({ action: "thumbs-up", on: "t1" });
  const press = { channel: "C1", user: "U2", messageTs, actionId: "threadkeeper_feedback", value: up };
  await slack.pressFeedback({ ...press, times: 2 });
  await expect.poll(() => slack.whispers).toMatchObject([{ user: "U2", via: "response_url" }]);
  expect(slack.whispers.map(markdownOf)).toEqual(["Thanks for the feedback."]);
  expect(slack.views.shown).toEqual([]);
});

test("a trigger that is too old by the time its press is stored opens nothing", async () => {
  await using bench = await openThumbs();
  bench.accepted.before = () => bench.slack.pass(3_000);
  await bench.pressDown();
  expect(bench.presses()).toHaveLength(1);
  await expect.poll(() => bench.slack.calls("views.open")).toMatchObject([{ error: "expired_trigger_id" }]);
});

test("no form opens for a press that was not stored, or that was stored before", async () => {
  await using bench = await openThumbs();
  await bench.pressDown({ times: 2 });
  await bench.form();
  bench.accepted.before = () => {
    throw new Error("The inbox can't be written");
  };
  await bench.pressDown();
  await expect.poll(() => bench.slack.whispers.map(markdownOf)).toEqual([outage]);
  expect(bench.slack.calls("views.open")).toHaveLength(1);
  expect(bench.presses()).toHaveLength(1);
});

test.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])(
  "a form that can't be stored stays open and says so, and can be sent again, %s",
  async (_, isSocketMode) => {
    await using bench = await openThumbs({ isSocketMode });
    const { slack, accepted } = bench;
    await bench.pressDown();
    const form = await bench.form();
    accepted.before = () => {
      throw new Error("The inbox can't be written");
    };
    expect(await slack.submitView("U2", "It is wrong")).toMatchObject({ isAcked: true });
    expect(Object.values(form.errors)).toEqual([outage]);
    expect(Object.keys(form.errors)).toEqual([asRecord([form.view["blocks"]].flat()[0])["block_id"]]);
    expect(slack.whispers).toEqual([]);
    accepted.before = () => undefined;
    await slack.submitView("U2", "It is still wrong");
    expect(slack.views.shown).toEqual([]);
    expect(bench.presses().map(({ value: text }) => text)).toEqual([undefined, "It is still wrong"]);
    expect(bench.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(JSON.stringify(bench.log.lines)).not.toContain("wrong");
  },
);

test("a form is stored once, however often it is delivered, also by another replica", async () => {
  await using bench = await openThumbs();
  await bench.join();
  await bench.pressDown();
  await bench.form();
  await bench.slack.submitView("U2", "Wrong", 2);
  expect(bench.presses().map(({ value: text }) => text)).toEqual([undefined, "Wrong"]);
});

test("a form that is closed, and one with another app's content, change nothing", async () => {
  await using bench = await openThumbs();
  await bench.pressDown();
  const form = await bench.form();
  const origin = { action: "thumbs-down", on: "t1", team: "T1", channel: "C1", thread: "1.2" };
  const metadata = (change: object) => ({ private_metadata: JSON.stringify({ ...origin, ...change }) });
  for (const forged of [
    { callback_id: "other" },
    { private_metadata: "" },
    { private_metadata: "{" },
    { private_metadata: null },
    metadata({ thread: "" }),
    metadata({ team: 7 }),
    metadata({ action: "dance" }),
    metadata({ action: "approve" }),
    { state: { values: {} } },
    { state: { values: { threadkeeper_text: { threadkeeper_text: { value: 7 } } } } },
  ]) {
    const { isAcked, answer } = await sendForged(bench, forged);
    expect({ isAcked, errors: asRecord(answer)["errors"] }).toEqual({ isAcked: true, errors: undefined });
  }
  const elsewhere = await sendForged(bench, metadata({ team: "TOTHER" }));
  expect(JSON.stringify(elsewhere.answer)).toContain("I couldn't read this form");
  const unknown = await sendForged(bench, metadata({}));
  expect(JSON.stringify(unknown.answer)).toContain("I'm not in that thread yet");
  bench.slack.views.close(form);
  expect(bench.presses()).toHaveLength(1);
});

test("a text beyond the form's length, which Slack's own clients refuse, is cut", async () => {
  await using bench = await openThumbs();
  await bench.pressDown();
  await bench.form();
  await bench.slack.submitView("U2", "\u{1F600}".repeat(900));
  const text = bench.presses()[1]?.value ?? "";
  expect(text).toHaveLength(999);
  expect(text.isWellFormed()).toBe(true);
});

test.each([
  ["of a person from another company, in a shared channel", {}, { userTeam: "TPARTNER" }],
  ["in an organisation, whose forms name no workspace", { organisation: "E1" }, {}],
])("the form %s belongs to the conversation and the person of its press", async (_, slack, from) => {
  await using bench = await openThumbs({ slack });
  await bench.pressDown(from);
  await bench.form();
  await bench.slack.submitView("U2", "Wrong");
  const same = { conversation: bench.conversation, place: "T1:C1", by: { id: "T1:U2", name: "Bo" } };
  expect(bench.presses()).toMatchObject([same, { ...same, value: "Wrong" }]);
});

test("the thread of a channel that got a new id keeps its forms", async () => {
  await using bench = await openThumbs();
  const { slack } = bench;
  await slack.rename("C1", "CNEW");
  const messageTs = bench.conversation.split(":").at(-1) ?? "";
  await slack.pressFeedback({
    channel: "CNEW",
    user: "U2",
    messageTs,
    actionId: "threadkeeper_feedback",
    value,
  });
  await bench.form();
  await slack.submitView("U2", "Wrong");
  const same = { conversation: bench.conversation, place: "T1:C1" };
  expect(bench.presses()).toMatchObject([same, { ...same, value: "Wrong" }]);
});
