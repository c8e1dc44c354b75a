import { expect, test } from "vitest";

import type { CommandInbound } from "../../../src/domain/inbound.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { asRecord, asText } from "../../support/slack/untyped-json.ts";

const outage = "I can't reach my memory right now. Please try again in a few minutes.";
const unreadable = "I couldn't read this form. Please close it and try again.";
const notOpened = "I couldn't open the form. Please try again.";

const questions = ({ accepted }: SlackBench): readonly CommandInbound[] =>
  accepted.inbounds.filter((each) => each.kind === "commanded");

/** A bench with a message of Bo's in C1, which calls nobody. */
async function openAsking(
  options: SlackBenchOptions = {},
  text = "The <@U1> launch code is swordfish &amp; more",
) {
  const bench = await openSlackBench(options);
  const { slack } = bench;
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bo");
  const { ts: messageTs } = slack.write({ channel: "C1", user: "U2", wire: text });
  const use = (user = "U1", ts = messageTs) =>
    slack.shortcut({ channel: "C1", user, callbackId: "threadkeeper_ask", messageTs: ts });
  const form = async (user = "U1") => {
    await expect.poll(() => slack.views.shown.filter((each) => each.user === user)).toHaveLength(1);
    return slack.views.of(user);
  };
  return { ...bench, messageTs, use, form };
}

test.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])(
  "a question about a message is asked for, stored once, and names the message, %s",
  async (_, isSocketMode) => {
    await using bench = await openAsking({ isSocketMode });
    expect(await bench.use()).toMatchObject({ isAcked: true });
    const { view } = await bench.form();
    expect(view).toMatchObject({
      title: { text: "Ask about this" },
      submit: { text: "Ask" },
      blocks: [
        {
          type: "section",
          text: {
            type: "plain_text",
            text: expect.stringMatching(/^Bo: The @Ada launch code is swordfish & more$/u),
          },
        },
        { type: "input", optional: false, label: { text: "Your question" } },
      ],
    });
    expect(questions(bench)).toEqual([]);
    expect(await bench.slack.submitView("U1", "which code?", 2)).toMatchObject({ isAcked: true });
    expect(bench.slack.views.shown).toEqual([]);
    const { messageTs } = bench;
    const conversation = `slack:T1:C1:${messageTs}`;
    expect(questions(bench)).toMatchObject([
      {
        name: "ask",
        argument: "which code?",
        conversation,
        place: "T1:C1",
        by: { id: "T1:U1", name: "Ada" },
        isOutside: true,
        about: {
          conversation,
          dedupeId: `slack:T1:C1:${messageTs}`,
          message: {
            id: messageTs,
            author: { id: "T1:U2", name: "Bo" },
            text: expect.stringContaining("launch code is swordfish & more"),
            permalink: expect.stringContaining(messageTs.replace(".", "")),
          },
        },
      },
    ]);
  },
);

test("in a thread that the bot is in, the question belongs to its conversation", async () => {
  await using bench = await openAsking();
  const { slack } = bench;
  const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const reply = await slack.say({ channel: "C1", user: "U2", text: "The code is 12", threadTs: root });
  await bench.use("U1", reply);
  await bench.form();
  await slack.submitView("U1", "which?");
  const [asked] = questions(bench);
  expect(asked).toMatchObject({ conversation: `slack:T1:C1:${root}`, about: { message: { id: reply } } });
  expect(asked).not.toHaveProperty("isOutside");
  expect(asked?.replyTo.target).toMatchObject({ threadTs: root, messageTs: reply });
  expect(asked?.replyTo.target).not.toHaveProperty("isUnthreaded");
});

test("an answer stands in the thread, or beside a message without replies, by the shortcut's own way back", async () => {
  await using bench = await openAsking();
  const { slack, platform } = bench;
  await bench.use();
  await bench.form();
  await slack.submitView("U1", "which?");
  const [asked] = questions(bench);
  if (asked === undefined) throw new Error("Nothing was asked");
  const offer = {
    id: "o1",
    atMs: Date.now(),
    choices: [{ label: "Show everyone", name: "show", argument: "k1" }],
    orElse: "-",
  };
  const { signal } = new AbortController();
  await platform.sendPrivately(asked.replyTo, ["Forty-two."], signal, offer);
  expect(slack.whispers).toMatchObject([{ via: "response_url", user: "U1", channel: "C1" }]);
  expect(slack.whispers[0]).not.toHaveProperty("threadTs");
  expect(JSON.stringify(slack.whispers[0]?.blocks)).toContain(bench.messageTs);
  slack.pass(31 * 60_000);
  const { expiresAtMs: _, ...late } = asked.replyTo;
  await platform.sendPrivately(late, ["Forty-three."], signal);
  expect(slack.whispers.at(-1)).toMatchObject({ via: "chat.postEphemeral", user: "U1" });
  expect(slack.whispers.at(-1)).not.toHaveProperty("threadTs");
});

test("the press of Show everyone may begin a conversation; others may not", async () => {
  await using bench = await openAsking();
  const { slack, messageTs } = bench;
  const press = (id: string, name: string) =>
    slack.pressButton({
      channel: "C1",
      user: "U1",
      actionId: "threadkeeper_offer_0",
      value: JSON.stringify({
        id,
        at: Date.now(),
        name,
        argument: "k1",
        team: "T1",
        channel: "C1",
        thread: messageTs,
      }),
    });
  await press("o1", "show");
  await press("o2", "reset");
  expect(bench.accepted.inbounds.filter(({ kind }) => kind === "pressed")).toMatchObject([
    { conversation: `slack:T1:C1:${messageTs}`, value: expect.stringContaining("show k1") },
  ]);
  await expect
    .poll(() => slack.whispers.map(markdownOf))
    .toEqual(["I'm not in that thread yet. Mention me there first."]);
});

test.each([
  ["whose trigger has expired", { kind: "error", error: "expired_trigger_id" }],
  ["that Slack limits", { kind: "rate-limited", retryAfterSeconds: 30 }],
] as const)("a form %s is told to the person, who can use the shortcut again", async (_, fault) => {
  await using bench = await openAsking();
  bench.slack.fail("views.open", fault);
  expect(await bench.use()).toMatchObject({ isAcked: true });
  await expect.poll(() => bench.slack.whispers.map(markdownOf)).toEqual([notOpened]);
  expect(bench.slack.whispers).toMatchObject([{ user: "U1", via: "response_url" }]);
  expect(bench.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  expect(JSON.stringify(bench.log.lines)).not.toContain("swordfish");
});

test("two people ask about one message at once", async () => {
  await using bench = await openAsking();
  await Promise.all([bench.use("U1"), bench.use("U2")]);
  await bench.form("U1");
  await bench.form("U2");
  await Promise.all([bench.slack.submitView("U1", "which?"), bench.slack.submitView("U2", "why?")]);
  expect(
    questions(bench)
      .map(({ by, argument }) => `${by.name} ${argument}`)
      .toSorted(),
  ).toEqual(["Ada which?", "Bo why?"]);
});

test.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])(
  "a question that can't be stored stays in its form, and can be sent again, %s",
  async (_, isSocketMode) => {
    await using bench = await openAsking({ isSocketMode });
    await bench.use();
    const form = await bench.form();
    bench.accepted.before = () => {
      throw new Error("The inbox can't be written");
    };
    await bench.slack.submitView("U1", "which secret?");
    expect(Object.values(form.errors)).toEqual([outage]);
    const input = asRecord([form.view["blocks"]].flat().at(-1));
    expect(Object.keys(form.errors)).toEqual([input["block_id"]]);
    bench.accepted.before = () => undefined;
    await bench.slack.submitView("U1", "");
    expect(Object.values(form.errors)).toEqual(["Please write a question."]);
    await bench.slack.submitView("U1", "which secret?");
    expect(bench.slack.views.shown).toEqual([]);
    expect(questions(bench)).toHaveLength(1);
    expect(JSON.stringify(bench.log.lines)).not.toContain("secret");
  },
);

test.each([
  ["plain", "The end is near. ".repeat(2_000)],
  ["full of line breaks and quotes", '"\n'.repeat(8_000)],
  ["full of emoji", "\u{1F600}".repeat(8_000)],
  ["full of control characters", "\u0001x".repeat(8_000)],
])("of a very long message the beginning is kept: %s", async (_, text) => {
  await using bench = await openAsking({}, text);
  await bench.use();
  const { view } = await bench.form();
  const kept = asText(view["private_metadata"]);
  expect(kept.length).toBeLessThanOrEqual(3_000);
  expect(kept.length).toBeGreaterThan(1_500);
  await bench.slack.submitView("U1", "which?");
  const about = questions(bench)[0]?.about?.message.text ?? "";
  expect(about.isWellFormed()).toBe(true);
  expect(about.endsWith("…")).toBe(true);
});

test("a form of another version or another workspace stays open with a line, and is not stored", async () => {
  await using bench = await openAsking();
  await bench.use();
  const form = await bench.form();
  const origin = asRecord(JSON.parse(asText(form.view["private_metadata"])));
  for (const metadata of [
    "",
    "{",
    JSON.stringify({ ...origin, team: "TOTHER" }),
    JSON.stringify({ ...origin, at: "x" }),
  ]) {
    const body = bench.slack.views.submission(form, "which?", "trigger.forged");
    const forged = { ...body, view: { ...asRecord(body["view"]), private_metadata: metadata } };
    const { isAcked, answer } = await bench.slack.deliveries.send({
      type: "interactive",
      retry: 0,
      body: forged,
    });
    expect(isAcked).toBe(true);
    expect(Object.values(asRecord(asRecord(answer)["errors"]))).toEqual([unreadable]);
  }
  expect(questions(bench)).toEqual([]);
});

test("a message of a person from another company can be asked about", async () => {
  await using bench = await openAsking();
  const { slack } = bench;
  const from = { channel: "C1", user: "UPARTNER", team: "TPARTNER" };
  const { ts: messageTs } = slack.write({ ...from, text: "Build 7 failed" });
  await bench.use("U1", messageTs);
  await bench.form();
  await slack.submitView("U1", "why?");
  const [asked] = questions(bench);
  expect(asked?.about?.message).toMatchObject({ id: messageTs, text: "Build 7 failed" });
  expect(asked?.conversation).toBe(`slack:T1:C1:${messageTs}`);
});
