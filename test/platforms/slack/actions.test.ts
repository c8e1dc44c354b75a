import { describe, expect, test, vi } from "vitest";

import type { Action } from "../../../src/domain/action.ts";
import type { Post } from "../../../src/domain/post.ts";

import { actionsContract } from "../../contracts/actions-contract.ts";
import { commandsIn } from "../../support/slack/commands-in.ts";
import { buttonsUnder, elementsIn, pressUnder } from "../../support/slack/shown-actions.ts";
import { openSlackBench } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { asRecord } from "../../support/slack/untyped-json.ts";
import { ask } from "../../support/slack/write-reply.ts";

const signal = new AbortController().signal;
const button: Action = {
  id: "give-command",
  label: "Summarize",
  style: "button",
  on: "t1",
  value: "summary share",
};
const danger: Action = { ...button, label: "Delete", emphasis: "danger", value: "forget this" };
const thumbs: readonly Action[] = [
  { id: "thumbs-up", label: "👍", style: "thumb", on: "t1" },
  { id: "thumbs-down", label: "👎", style: "thumb", on: "t1" },
];
const line: Action = { id: "give-command", label: "Reset", style: "menu", value: "reset" };

function post(text: string, ...actions: readonly Action[]): Post {
  return { turn: "t1", part: 0, covers: ["1.0"], text, state: "done", actions };
}

describe.each([
  { way: "HTTP", isSocketMode: false },
  { way: "Socket Mode", isSocketMode: true },
])("buttons under posts, over $way", ({ isSocketMode }) => {
  actionsContract(async () => {
    const bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    const to = await ask(bench, "C1");
    const [asked] = accepted.inbounds;
    if (asked === undefined) throw new Error("Nothing was said");
    return {
      platform,
      to,
      conversation: asked.conversation,
      people: ["U1", "U2"],
      accepted: accepted.inbounds,
      buttonsUnder: (id) =>
        buttonsUnder(slack, id).map((shown) => ({
          label: shown.label,
          press: async (user, times = 1) => void (await pressUnder(slack, id, shown, { user, times })),
        })),
      sendForm: async (user, text) => {
        await vi.waitFor(() => slack.views.of(user));
        await slack.submitView(user, text);
      },
      toldPrivately: (person) =>
        slack.whispers.filter(({ user }) => user === person).map((each) => markdownOf(each) || each.text),
      breakStore: () => {
        slack.sockets.ackWithinMs = 500;
        accepted.before = () => {
          throw new Error("The inbox can't be written");
        };
      },
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    };
  });

  test("a press is acknowledged only after it is stored", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    const id = await platform.createPost(await ask(bench, "C1"), post("Sure?", button), signal);
    const [shown] = buttonsUnder(slack, id);
    if (shown === undefined) throw new Error("There is no button");
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    accepted.before = () => {
      begun.resolve();
      return gate.promise;
    };
    let isAnswered = false;
    const pressing = pressUnder(slack, id, shown, { user: "U2" }).finally(() => (isAnswered = true));
    await begun.promise;
    // A call of the other way shows that answers arrive meanwhile.
    await platform.editPost({ platform: "slack", target: {} }, id, post("Sure? Wait"), signal);
    expect(isAnswered).toBe(false);
    gate.resolve();
    expect(await pressing).toMatchObject({ isAcked: true });
    expect(accepted.inbounds.at(-1)).toMatchObject({ kind: "pressed", by: { id: "T1:U2" } });
  });
});

test("buttons stand in one row with the menu, in the look that they ask for", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const primary: Action = { ...button, label: "Go", emphasis: "primary" };
  await platform.createPost(to, post("Sure?", line, button, danger, primary), signal);
  const [shown] = slack.posts("C1", to.target["threadTs"] ?? "");
  expect(shown?.blocks).toHaveLength(2);
  expect(elementsIn(shown?.blocks ?? [])).toMatchObject([
    { type: "button", label: "Summarize", style: "" },
    { type: "button", label: "Delete", style: "danger" },
    { type: "button", label: "Go", style: "primary" },
    { type: "overflow", actionId: "threadkeeper_menu" },
  ]);
});

test("actions beyond Slack's limits of number and length are shown as far as Slack allows", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const label = "x".repeat(200);
  const many = Array.from({ length: 30 }, () => [
    { ...button, label },
    { ...line, label },
  ]).flat();
  const id = await platform.createPost(to, post("Sure?", ...many), signal);
  expect(buttonsUnder(slack, id)).toHaveLength(24);
  expect(slack.calls("chat.postMessage")).toHaveLength(1);
});

test("thumbs stand below the other buttons as Slack's own pair, with words for screen readers", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  await platform.createPost(to, post("It leaks.", ...thumbs, button, line), signal);
  const [shown] = slack.posts("C1", to.target["threadTs"] ?? "");
  expect(shown?.blocks.map((block) => asRecord(block)["type"])).toEqual([
    "markdown",
    "actions",
    "context_actions",
  ]);
  expect(elementsIn(shown?.blocks ?? []).map(({ type, label }) => `${type} ${label}`)).toEqual([
    "button Summarize",
    "overflow ",
    "feedback_buttons 👍",
    "feedback_buttons 👎",
  ]);
  expect(JSON.stringify(shown?.blocks)).toContain("Bad answer");
});

test.each([
  ["one thumb alone", thumbs.slice(1)],
  ["a second pair", [...thumbs, ...thumbs]],
])("%s is shown as ordinary buttons, which work", async (_, actions) => {
  await using bench = await openSlackBench();
  const { slack, platform, accepted } = bench;
  const id = await platform.createPost(await ask(bench, "C1"), post("It leaks.", ...actions), signal);
  const shown = buttonsUnder(slack, id);
  expect(shown.map(({ type, label }) => `${type} ${label}`)).toEqual(
    actions.map(({ label }) => `button ${label}`),
  );
  for (const each of shown) await pressUnder(slack, id, each, { user: "U1" });
  expect(accepted.inbounds.slice(1)).toMatchObject(actions.map(({ id: action, on }) => ({ action, on })));
});

test("a value that somebody made up changes nothing outside its own thread", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const messageTs = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const value = JSON.stringify({ action: "thumbs-down", on: "slack:T1:C2:1.2", team: "T2", channel: "C2" });
  await slack.pressFeedback({
    channel: "C1",
    user: "U2",
    messageTs,
    actionId: "threadkeeper_feedback",
    value,
  });
  const place = { conversation: `slack:T1:C1:${messageTs}`, place: "T1:C1" };
  expect(accepted.inbounds.at(-1)).toMatchObject({ kind: "pressed", ...place });
  await expect.poll(() => slack.views.shown).toHaveLength(1);
  await slack.submitView("U2", "Wrong");
  expect(accepted.inbounds.at(-1)).toMatchObject({ kind: "pressed", ...place, value: "Wrong" });
});

test("buttons stay where Slack rejects the Markdown of their post", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  slack.fail("chat.postMessage", { kind: "error", error: "invalid_blocks" });
  const id = await platform.createPost(to, post("Sure & <certain>?", line, button), signal);
  const [shown] = slack.posts("C1", to.target["threadTs"] ?? "");
  expect(shown?.blocks.map((block) => asRecord(block)["type"])).toEqual(["section", "actions"]);
  expect(asRecord(asRecord(shown?.blocks[0])["text"])["text"]).toBe("Sure & <certain>?");
  expect(buttonsUnder(slack, id).map(({ label }) => label)).toEqual(["Summarize"]);
});

test("a post whose buttons Slack rejects is shown without them", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  slack.fail("chat.postMessage", { kind: "error", error: "invalid_blocks" }, 2);
  const id = await platform.createPost(to, post("Sure?", button), signal);
  expect(slack.posts("C1", to.target["threadTs"] ?? "").map(({ text }) => text)).toEqual(["Sure?"]);
  expect(buttonsUnder(slack, id)).toEqual([]);
});

test.each([
  ["the menu of an answer", { actionId: "threadkeeper_menu", value: "forget this" }, "forget this"],
  [
    "a button",
    { actionId: "threadkeeper_press_0", value: '{"action":"give-command","value":"reset"}' },
    "reset",
  ],
])("%s that an earlier process posted still works", async (_name, element, value) => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const messageTs = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const press = { channel: "C1", user: "U2", messageTs, ...element };
  const isMenu = element.actionId === "threadkeeper_menu";
  expect((await (isMenu ? slack.press(press) : slack.pressButton(press))).isAcked).toBe(true);
  const conversation = `slack:T1:C1:${messageTs}`;
  expect(accepted.inbounds.at(-1)).toMatchObject({
    kind: "pressed",
    action: "give-command",
    conversation,
    on: conversation,
    value,
  });
});

test.each(["", "{", '{"on":"t1"}', '{"action":7}'])(
  "a button with the value %j is acknowledged and changes nothing",
  async (value) => {
    await using bench = await openSlackBench();
    const { slack } = bench;
    const messageTs = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const press = { channel: "C1", user: "U1", messageTs, actionId: "threadkeeper_press_0", value };
    expect(await slack.pressButton(press)).toMatchObject({ isAcked: true });
    expect(commandsIn(bench)).toEqual([]);
  },
);
