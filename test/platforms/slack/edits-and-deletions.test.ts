import { describe, expect, test } from "vitest";

import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const pdf = { name: "plan.pdf", mimetype: "application/pdf", size: 1_234 };

/** Inbounds accepted since the last call, without messages. */
function changes({ accepted }: SlackBench): readonly object[] {
  return accepted.inbounds.splice(0).filter(({ kind }) => kind !== "said");
}

describe.each([
  { way: "HTTP", isSocketMode: false },
  { way: "Socket Mode", isSocketMode: true },
])("edits and deletions over $way", ({ isSocketMode }) => {
  test.each(["C1", "D1", "G1"])("reach the thread and the root of the message, in %s", async (channel) => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const root = await slack.say({ channel, user: "U1", text: "first", mention: true });
    const reply = await slack.say({ channel, user: "U1", text: "second", threadTs: root });
    await slack.edit(channel, root, "first, better");
    await slack.edit(channel, reply, "second, better");
    await slack.delete(channel, reply);
    await slack.delete(channel, root);
    const where = {
      conversation: `slack:T1:${channel}:${root}`,
      place: `T1:${channel}`,
      replyTo: { target: { channel, threadTs: root } },
    };
    expect(changes(bench)).toMatchObject([
      { kind: "edited", ...where, message: root, text: "first, better" },
      { kind: "edited", ...where, message: reply, text: "second, better" },
      { kind: "deleted", ...where, message: reply },
      { kind: "deleted", ...where, message: root },
    ]);
  });

  test("list the remaining files, even if the text stays the same", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const files = [
      { ...pdf, id: "F1" },
      { ...pdf, id: "F2", name: "map.pdf" },
    ];
    const ts = await slack.say({ channel: "C1", user: "U1", text: "plans", mention: true, files });
    await slack.edit("C1", ts, "the plans");
    await slack.unfurl("C1", ts);
    await slack.deleteFiles("C1", ts);
    const told = changes(bench);
    expect(told).toMatchObject([
      { kind: "edited", text: "the plans", attachments: [{ name: "plan.pdf" }, { name: "map.pdf" }] },
      { kind: "edited", text: "the plans", attachments: [] },
    ]);
    // A person deleted them, though Slack does not call it an edit: the answer to them is given again.
    expect(told.at(-1)).not.toHaveProperty("isByApp");
  });

  test("reach a root with replies, which becomes a tombstone by Slackbot", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "secret", mention: true });
    await slack.say({ channel: "C1", user: "U2", text: "noted", threadTs: root });
    await slack.delete("C1", root);
    expect(changes(bench)).toMatchObject([
      { kind: "deleted", conversation: `slack:T1:C1:${root}`, message: root },
    ]);
  });

  test("reach old replies whose thread Slack omits", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const conversation = "slack:T1:C1:1600000000.000001";
    const reply = { type: "message", user: "U1", ts: "1600000001.000001", text: "before" };
    accepted.located.set(`T1:C1/${reply.ts}`, conversation);
    const common = { type: "message", hidden: true, channel: "C1", channel_type: "channel" };
    await slack.sendEvent({
      ...common,
      subtype: "message_changed",
      ts: "9.000001",
      message: { ...reply, text: "after", edited: { user: "U1", ts: "9.000001" } },
      previous_message: reply,
    });
    await slack.sendEvent({ ...common, subtype: "message_deleted", ts: "9.000002", deleted_ts: reply.ts });
    expect(changes(bench)).toMatchObject([
      { kind: "edited", conversation, message: reply.ts, text: "after" },
      { kind: "deleted", conversation, message: reply.ts },
    ]);
  });

  test("a file that gains or loses a text is an edit, and an emptied message is a deletion", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const file = await slack.say({ channel: "C1", user: "U1", mention: true, files: [pdf] });
    const threadTs = file;
    const bare = await slack.say({ channel: "C1", user: "U1", threadTs, files: [pdf, pdf] });
    await slack.edit("C1", bare, "the plan");
    await slack.edit("C1", bare, "");
    await slack.unfurl("C1", bare);
    await slack.deleteFiles("C1", bare);
    const where = { conversation: `slack:T1:C1:${file}`, message: bare };
    expect(changes(bench)).toMatchObject([
      { kind: "edited", ...where, text: "the plan" },
      { kind: "edited", ...where, text: "" },
      { kind: "deleted", ...where },
    ]);
  });

  test("previews and reply counts are no edits", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "a link", mention: true, files: [pdf] });
    await slack.unfurl("C1", root);
    await slack.sendEvent({
      type: "message",
      subtype: "message_replied",
      hidden: true,
      channel: "C1",
      ts: "9.000001",
      message: { type: "message", user: "U1", ts: root, thread_ts: root, text: "a link", reply_count: 1 },
    });
    expect(changes(bench)).toEqual([]);
  });
});
