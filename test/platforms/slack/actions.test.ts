import { describe, expect, test } from "vitest";

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
