import { assert, describe, expect, test } from "vitest";

import { toInbound } from "../../../src/platforms/slack/inbound/to-inbound.ts";
import type { SlackFacts } from "../../../src/platforms/slack/wire/keys.ts";

const facts: SlackFacts = {
  botUserId: "UBOT",
  botId: "B1",
  teamId: "T1",
  isOurs: (team) => team === "T1",
  currentId: (channel) => channel,
  workspaceUrl: "https://acme.slack.com/",
  nameOf: (id) => ({ U1: "Ada", U2: "Bob" })[id],
  nowMs: 1_795_000_000_000,
};

/** A message event as the Events API documents it, with changes. */
function event(
  changes: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>> = {},
): unknown {
  return {
    token: "z",
    team_id: "T1",
    api_app_id: "A1",
    type: "event_callback",
    event_id: "Ev1",
    event_time: 1_795_000_000,
    authorizations: [{ enterprise_id: null, team_id: "T1", user_id: "UBOT", is_bot: true }],
    event: {
      type: "message",
      channel: "C1",
      channel_type: "channel",
      user: "U1",
      text: "hello",
      ts: "1795000000.000100",
      event_ts: "1795000000.000100",
      client_msg_id: "b0a6",
      blocks: [{ type: "rich_text" }],
      ...changes,
    },
    ...body,
  };
}

describe("the addressing of a message", () => {
  test.each([
    ["hello", {}, "open"],
    ["<@UBOT> hello", {}, "mention"],
    ["well <@U2>, ask <@UBOT|bot> then", {}, "mention"],
    ["<@U2> hello", {}, "others"],
    ["<!here> lunch", {}, "others"],
    ["<!subteam^S1> lunch", {}, "others"],
    ["<@U2> hello", { channel: "D1", channel_type: "im" }, "direct"],
    ["hello", { channel: "G1", channel_type: "mpim" }, "open"],
    ["<@UBOT> hello", { channel: "G1", channel_type: "mpim" }, "mention"],
    ["<@UBOT> hello", { type: "app_mention", channel_type: undefined }, "mention"],
  ])("%s %j: %s", (text, changes, addressing) => {
    expect(toInbound(event({ text, ...changes }), facts)).toMatchObject({ kind: "said", addressing });
  });
});

describe("bodies that do not concern the bot", () => {
  test.each([
    ["the bot's posts", { user: "UBOT", bot_id: "B1" }],
    ["the bot's posts without a user", { subtype: "bot_message", user: undefined, bot_id: "B1" }],
    ["where an app begins a thread", { bot_id: "B2", user: "UAPP" }],
    [
      "a post of an app without text",
      { bot_id: "B2", thread_ts: "1.0", text: "", blocks: [{ type: "divider" }] },
    ],
    ["a person who joined", { subtype: "channel_join" }],
    ["a new topic", { subtype: "channel_topic" }],
    ["what people don't see", { hidden: true }],
    ["a message without an author", { user: undefined }],
    ["a reaction", { type: "reaction_added" }],
    [
      "the bot's edits",
      { subtype: "message_changed", message: { user: "UBOT", bot_id: "B1", ts: "1.0", text: "x" } },
    ],
    [
      "a preview that Slack added",
      {
        subtype: "message_changed",
        message: { user: "U1", ts: "1.0", text: "https://a.example" },
        previous_message: { user: "U1", ts: "1.0", text: "https://a.example" },
      },
    ],
    [
      "the tombstone of the bot's post",
      {
        subtype: "message_changed",
        message: { user: "USLACKBOT", subtype: "tombstone", ts: "1.0", text: "This message was deleted." },
        previous_message: { user: "UBOT", bot_id: "B1", ts: "1.0", text: "x" },
      },
    ],
    [
      "the bot's deletions",
      { subtype: "message_deleted", deleted_ts: "1.0", previous_message: { bot_id: "B1", ts: "1.0" } },
    ],
  ])("%s", (_title, changes) => {
    expect(toInbound(event(changes), facts)).toBeUndefined();
  });

  test.each([null, undefined, "text", 5, [], {}, { event: null }, { type: "view_submission" }])(
    "%j",
    (body) => {
      expect(toInbound(body, facts)).toBeUndefined();
    },
  );
});

test.each([
  ["of the present kind", { bot_id: "B2", user: "UAPP", bot_profile: { name: "CI" } }, "T1:UAPP"],
  ["of the old kind", { subtype: "bot_message", bot_id: "B2", username: "CI", user: undefined }, "T1:B2"],
])("a post of an app %s becomes an inbound", (_title, changes, id) => {
  const threaded = { thread_ts: "1.000001", ...changes };
  expect(toInbound(event(threaded), facts)).toMatchObject({
    kind: "said",
    message: { author: { id, name: "CI", isApp: true }, text: "hello" },
  });
  const message = { ts: "2.0", text: "hello again", ...threaded };
  const changed = { subtype: "message_changed", message, previous_message: { ...message, text: "hello" } };
  expect(toInbound(event(changed), facts)).toMatchObject({
    kind: "edited",
    text: "hello again",
    isByApp: true,
  });
  const deleted = { subtype: "message_deleted", deleted_ts: "2.0", previous_message: message };
  expect(toInbound(event(deleted), facts)).toMatchObject({ kind: "deleted", message: "2.0" });
});

test("a linked message is read when Slack adds it, and does not call the bot", () => {
  const previous_message = { user: "U1", ts: "1.0", text: "<https://acme.slack.com/archives/C9/p1>" };
  const linked = { is_msg_unfurl: true, from_url: "https://acme.slack.com/archives/C9/p1", text: "At noon" };
  const message = { ...previous_message, attachments: [{ ...linked, author_subname: "Bob" }] };
  expect(toInbound(event({ subtype: "message_changed", message, previous_message }), facts)).toMatchObject({
    kind: "edited",
    isByApp: true,
    text: "https://acme.slack.com/archives/C9/p1\n[forwarded message of Bob]\n> At noon",
  });
});

test.each([
  ["C1", {}, "see https://acme.slack.com/archives/G9/p1\n[linked message of a private channel]"],
  ["D1", {}, "see https://acme.slack.com/archives/G9/p1\n[forwarded message of Bob]\n> The raise is off"],
  // Forwarded by a person, who confirmed that others may read it.
  [
    "C1",
    { is_share: true },
    "see https://acme.slack.com/archives/G9/p1\n[forwarded message of Bob]\n> The raise is off",
  ],
])("a linked message of a private channel is read only in a DM: in %s, %j", (channel, more, text) => {
  const previous_message = { user: "U1", ts: "1.0", text: "see <https://acme.slack.com/archives/G9/p1>" };
  const linked = {
    is_msg_unfurl: true,
    private_channel_prompt: true,
    author_subname: "Bob",
    text: "The raise is off",
  };
  const message = { ...previous_message, attachments: [{ ...linked, ...more }] };
  const changed = { channel, subtype: "message_changed", message, previous_message };
  expect(toInbound(event(changed), facts)).toMatchObject({ kind: "edited", text });
  const said = { channel, ...message, thread_ts: "1.0" };
  expect(toInbound(event(said), facts)).toMatchObject({ kind: "said", message: { text } });
});

test("a preview that Slack adds after an edit is an edit of its own", () => {
  const was = { user: "U1", ts: "1.0", text: "see here" };
  const link = "<https://acme.slack.com/archives/C9/p1>";
  const linked = { ...was, text: link, edited: { user: "U1", ts: "2.0" } };
  const attachments = [{ is_msg_unfurl: true, author_subname: "Bob", text: "At noon" }];
  const steps = [
    { event_ts: "2.1", previous_message: was, message: linked },
    { event_ts: "2.2", previous_message: linked, message: { ...linked, attachments } },
  ];
  const ids = steps.map((step) => toInbound(event({ subtype: "message_changed", ...step }), facts)?.dedupeId);
  expect(new Set(ids).size).toBe(2);
});

test("Slackbot's posts count as an app's", () => {
  expect(toInbound(event({ user: "USLACKBOT", thread_ts: "1.000001" }), facts)).toMatchObject({
    message: { author: { isApp: true } },
  });
});

test.each(["file_share", "thread_broadcast", "me_message"])("a %s is a person's message", (subtype) => {
  expect(toInbound(event({ subtype, thread_ts: "1.000001" }), facts)).toMatchObject({
    kind: "said",
    conversation: "slack:T1:C1:1.000001",
  });
});

test("a mention and its message share a dedupe id, and a shared channel belongs to the bot's team", () => {
  const authorizations = [{ team_id: "T1" }];
  const text = "<@UBOT> hello";
  const message = toInbound(event({ text }, { team_id: "TOTHER", authorizations }), facts);
  const mention = toInbound(event({ text, type: "app_mention" }, { team_id: "T1" }), facts);
  expect(message).toEqual(mention);
  expect(message).toMatchObject({
    conversation: "slack:T1:C1:1795000000.000100",
    message: { author: { id: "T1:U1", name: "Ada" }, text: "hello", saidAtMs: 1_795_000_000_000 },
  });
});

test("each version of an edited message is an edit of its own, also when delivered again", () => {
  const edit = (text: string, ts: string, before = "before") =>
    toInbound(
      event({
        subtype: "message_changed",
        hidden: true,
        user: undefined,
        text: undefined,
        ts: "9.000009",
        message: { user: "U1", ts: "2.000002", thread_ts: "1.000001", text, edited: { user: "U1", ts } },
        previous_message: { user: "U1", ts: "2.000002", text: before },
      }),
      facts,
    );
  expect(edit("a &amp; b", "5.0")).toEqual({
    kind: "edited",
    conversation: "slack:T1:C1:1.000001",
    platform: "slack",
    place: "T1:C1",
    dedupeId: "slack:T1:C1:2.000002:edit:5.0",
    message: "2.000002",
    text: "a & b",
    replyTo: {
      platform: "slack",
      installation: "T1",
      target: { team: "T1", channel: "C1", threadTs: "1.000001", user: "U1" },
    },
  });
  expect(edit("once more", "6.0")).toMatchObject({ dedupeId: "slack:T1:C1:2.000002:edit:6.0" });
  // If it mentions the bot, `call` is the message as if it were new.
  expect(edit("<@UBOT> a &amp; b", "7.0")).toMatchObject({
    text: "a & b",
    call: {
      kind: "said",
      addressing: "mention",
      conversation: "slack:T1:C1:1.000001",
      dedupeId: "slack:T1:C1:2.000002",
      message: { id: "2.000002", author: { id: "T1:U1", name: "Ada" }, text: "a & b" },
    },
    isNewCall: true,
  });
  expect(edit("<@UBOT> corrected", "8.0", "<@UBOT> corected")).not.toHaveProperty("isNewCall");
});

test("the tombstone of a deleted message with replies is a deletion", () => {
  // As Slack really sends it: the tombstone's author is Slackbot.
  const text = "This message was deleted.";
  const tombstone = { user: "USLACKBOT", ts: "1.000001", subtype: "tombstone", hidden: true, text };
  const previous = { user: "U1", ts: "1.000001", text: "before" };
  const body = event({ subtype: "message_changed", message: tombstone, previous_message: previous });
  expect(toInbound(body, facts)).toMatchObject({
    kind: "deleted",
    message: "1.000001",
    dedupeId: "slack:T1:C1:1.000001:delete",
  });
});

test("a person of another company presses in a shared channel as the author of their messages there", () => {
  const said = toInbound(
    event({ text: "<@UBOT> hello" }, { team_id: "TOTHER", context_team_id: "T1" }),
    facts,
  );
  assert(said?.kind === "said");
  const value = JSON.stringify({ action: "approve", on: "r1" });
  const press = {
    type: "block_actions",
    user: { id: "U1", username: "ada", team_id: "TOTHER" },
    team: { id: "T1" },
    channel: { id: "C1" },
    message: { ts: "1795000000.000200", thread_ts: said.message.id },
    trigger_id: "13.37",
    actions: [{ action_id: "threadkeeper_press_0", value }],
  };
  expect(toInbound(press, facts)).toMatchObject({
    kind: "pressed",
    conversation: said.conversation,
    by: { id: said.message.author.id },
  });
});

test("a picked conversation is always one of its channel", () => {
  const body = {
    type: "block_actions",
    user: { id: "U2", username: "bob" },
    team: null,
    channel: { id: "C1" },
    container: { message_ts: "8.0", is_ephemeral: true },
    trigger_id: "13.37",
    response_url: "https://hooks.slack.com/actions/T1/1/x",
    actions: [
      {
        action_id: "threadkeeper_pick",
        block_id: "threadkeeper_pick:summary:share",
        selected_option: { value: "1.000001", text: { type: "plain_text", text: "(no text) · just now" } },
      },
    ],
  };
  expect(toInbound(body, facts)).toEqual({
    kind: "pressed",
    conversation: "slack:T1:C1:1.000001",
    dedupeId: "slack:press:T1:13.37",
    platform: "slack",
    place: "T1:C1",
    action: "give-command",
    on: "slack:T1:C1:1.000001",
    value: `${facts.nowMs} summary share`,
    by: { id: "T1:U2", name: "Bob" },
    pressedAtMs: facts.nowMs,
    replyTo: {
      platform: "slack",
      installation: "T1",
      target: {
        team: "T1",
        channel: "C1",
        threadTs: "1.000001",
        user: "U2",
        picked: "[this conversation](https://acme.slack.com/archives/C1/p1000001)",
        responseUrl: "https://hooks.slack.com/actions/T1/1/x",
        replacesOriginal: "yes",
      },
      expiresAtMs: facts.nowMs + 30 * 60_000,
    },
  });
});
