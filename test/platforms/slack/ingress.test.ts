import { describe, expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";

describe.each([
  { way: "HTTP", isSocketMode: false },
  { way: "Socket Mode", isSocketMode: true },
])("deliveries over $way", ({ isSocketMode }) => {
  test("a mention is delivered as two events and accepted as one message", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    slack.addPerson("U1", "Ada", { tz: "Europe/Paris" });
    const ts = await slack.say({ channel: "C1", user: "U1", text: "1 < 2 & 3", mention: true });
    expect(slack.deliveries.tries).toBe(2);
    expect(accepted.inbounds).toEqual([
      {
        kind: "said",
        conversation: `slack:T1:C1:${ts}`,
        dedupeId: `slack:T1:C1:${ts}`,
        platform: "slack",
        place: "T1:C1",
        addressing: "mention",
        message: {
          id: ts,
          author: { id: "T1:U1", name: "Ada", timeZone: "Europe/Paris" },
          text: "1 < 2 & 3",
          saidAtMs: Math.round(Number(ts) * 1_000),
          attachments: [],
          permalink: expect.stringMatching(new RegExp(`/archives/C1/p${ts.replace(".", "")}$`, "u")),
        },
        replyTo: {
          platform: "slack",
          installation: "T1",
          target: { team: "T1", channel: "C1", threadTs: ts, user: "U1", isUnthreaded: "yes" },
        },
      },
    ]);
  });

  test("the files of a mention are added where the event that came first lacks them", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const base = { channel: "C1", user: "U1", text: "<@UBOT> what is it?" };
    const files = [{ id: "F1", name: "plan.pdf", size: 9, mode: "hosted" }];
    const event = (ts: string, type: string, more = {}) =>
      slack.sendEvent({ ...base, type, ts, event_ts: ts, ...more });
    await event("1700000000.000100", "app_mention");
    for (let time = 0; time < 2; time += 1)
      await event("1700000000.000100", "message", { subtype: "file_share", files });
    const attachments = [{ name: "plan.pdf", sizeBytes: 9, ref: expect.anything() }];
    expect(accepted.inbounds).toMatchObject([
      { kind: "said", message: { text: "what is it?", attachments: [] } },
      { kind: "edited", message: "1700000000.000100", text: "what is it?", attachments },
    ]);
    await event("1700000000.000200", "app_mention", { files });
    await event("1700000000.000200", "message", { subtype: "file_share", files });
    await event("1700000000.000300", "message", { subtype: "file_share", files });
    await event("1700000000.000300", "app_mention");
    await event("1700000000.000300", "message", { subtype: "file_share", files });
    expect(accepted.inbounds.slice(2)).toMatchObject([
      { kind: "said", message: { attachments } },
      { kind: "said", message: { attachments } },
    ]);
  });

  test("Slack's own Stop is accepted once, with the time of the press", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const root = await slack.say({ channel: "D1", user: "U1", text: "hello" });
    const event = { type: "agent_session_stopped", channel: "D1", user: "U1", thread_ts: root };
    const pressed = { ...event, streaming_message_ts: [], event_ts: "1795000000.000200" };
    for (let time = 0; time < 2; time += 1)
      expect(await slack.sendEvent(pressed)).toMatchObject({ isAcked: true });
    const { thread_ts: _, ...nowhere } = pressed;
    expect(await slack.sendEvent(nowhere)).toMatchObject({ isAcked: true });
    expect(accepted.inbounds.slice(1)).toEqual([
      {
        kind: "stopped",
        conversation: `slack:T1:D1:${root}`,
        dedupeId: `slack:stop:T1:D1:${root}:1795000000.000200`,
        platform: "slack",
        place: "T1:D1",
        pressedAtMs: 1_795_000_000_000,
      },
    ]);
  });

  test("an event is acknowledged only after it was stored, else delivered again", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    accepted.before = () => {
      throw new Error("The inbox can't be written");
    };
    const usualMs = slack.sockets.ackWithinMs;
    slack.sockets.ackWithinMs = 300;
    const ts = await slack.say({ channel: "D1", user: "U1", text: "hello" });
    expect(accepted.inbounds).toHaveLength(0);
    expect(slack.deliveries.undelivered).toHaveLength(1);
    accepted.before = () => undefined;
    slack.sockets.ackWithinMs = usualMs;
    await slack.deliveries.redeliver();
    expect(slack.deliveries.undelivered).toHaveLength(0);
    expect(accepted.inbounds).toMatchObject([{ kind: "said", message: { id: ts }, addressing: "direct" }]);
  });

  test("the acknowledgement waits for the store", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const { promise: storing, resolve: store } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    accepted.before = async () => {
      ask();
      await storing;
    };
    let isAcked = false;
    const said = slack.say({ channel: "D1", user: "U1", text: "hello" }).then(() => (isAcked = true));
    await asked;
    expect(isAcked).toBe(false);
    store();
    await said;
    expect(slack.deliveries.undelivered).toHaveLength(0);
  });

  test("a slow store fails the delivery before Slack's three seconds are over", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    accepted.before = async (_inbound, signal) => {
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(signal.reason));
      await promise;
    };
    // Over HTTP it waits no longer anyway; a socket that was answered in time would have none undelivered.
    slack.sockets.ackWithinMs = 3_000;
    await slack.say({ channel: "D1", user: "U1", text: "hello" });
    // Over HTTP Slack gets an error status; a socket can only omit the acknowledgement.
    const reason = isSocketMode ? "timeout" : "http_error";
    expect(slack.deliveries.undelivered).toMatchObject([{ retryReason: reason }]);
  });

  test("follow-ups in a thread, edits and deletions find their conversation", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "first", mention: true });
    const reply = await slack.say({ channel: "C1", user: "U2", text: "second", threadTs: root });
    await slack.edit("C1", reply, "second, better");
    await slack.unfurl("C1", reply);
    await slack.delete("C1", reply);
    await slack.delete("C1", root);
    const conversation = `slack:T1:C1:${root}`;
    expect(accepted.inbounds).toMatchObject([
      { kind: "said", conversation, addressing: "mention" },
      { kind: "said", conversation, addressing: "open", message: { id: reply } },
      { kind: "edited", conversation, message: reply, text: "second, better" },
      { kind: "deleted", conversation, message: reply },
      { kind: "deleted", conversation, message: root },
    ]);
  });

  test("edits and deletions are accepted while the archive is unavailable", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const ts = await slack.say({ channel: "C1", user: "U1", text: "long ago" });
    accepted.located.clear();
    accepted.isArchiveAway = true;
    await slack.edit("C1", ts, "longer ago");
    await slack.delete("C1", ts);
    expect(slack.deliveries.undelivered).toEqual([]);
    expect(accepted.inbounds.slice(1)).toMatchObject([
      { kind: "edited", conversation: `slack:T1:C1:${ts}`, message: ts },
      { kind: "deleted", conversation: `slack:T1:C1:${ts}`, message: ts },
    ]);
  });

  test("events of the bot's own posts, edits and deletions are ignored", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    const ts = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const [said] = accepted.inbounds;
    if (said?.kind !== "said") throw new Error("Nothing was said");
    const signal = AbortSignal.timeout(600_000);
    const post = { turn: "t1", part: 0, covers: [ts], text: "<@UBOT> hi", state: "writing" } as const;
    const id = await platform.createPost(said.replyTo, post, signal);
    await platform.editPost(said.replyTo, id, { ...post, text: "Hi!", state: "done" }, signal);
    await platform.deletePost(said.replyTo, id, signal);
    await slack.echoed();
    expect(slack.deliveries.tries).toBe(5);
    expect(slack.deliveries.undelivered).toHaveLength(0);
    expect(accepted.inbounds).toHaveLength(1);
  });

  test("a message of 1 MB, one with only files and an empty one are accepted", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const text = `<|endoftext|>\u0000${"ä".repeat(500_000)}`;
    await slack.say({ channel: "D1", user: "U1", text });
    const files = [
      { id: "F07", name: "plan.pdf", mimetype: "application/pdf", size: 1_234 },
      { id: "https://x.example/F07", name: "a.txt" },
    ];
    const ref = { platform: "slack", installation: "T1", id: "F07" };
    await slack.say({ channel: "D1", user: "U1", files });
    await slack.say({ channel: "C1", user: "U1", mention: true });
    expect(accepted.inbounds).toMatchObject([
      { message: { text } },
      {
        message: {
          text: "",
          attachments: [
            { name: "plan.pdf", mediaType: "application/pdf", sizeBytes: 1_234, ref },
            { name: "a.txt" },
          ],
        },
      },
      { addressing: "mention", message: { text: "" } },
    ]);
  });

  test("unknown kinds of events are acknowledged and dropped", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    const receipts = [
      await slack.sendEvent({ type: "reaction_added", user: "U1", item: { channel: "C1", ts: "1.0" } }),
      await slack.sendEvent({ type: "event_of_next_year", whatever: [null] }),
      await slack.sendEvent({
        type: "message",
        subtype: "channel_join",
        channel: "C1",
        user: "U1",
        ts: "1.0",
      }),
      await slack.sendEvent({ type: "message", channel: "C1" }),
    ];
    expect(receipts.every((receipt) => receipt.isAcked)).toBe(true);
    expect(accepted.inbounds).toHaveLength(0);
  });

  test("a message that mentions thousands causes few look-ups, its author's first", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    slack.addPerson("U1", "Ada");
    const text = Array.from({ length: 2_000 }, (_, each) => `<@U9${each}>`).join(" ");
    await slack.say({ channel: "D1", user: "U1", text });
    expect(accepted.inbounds).toMatchObject([{ message: { author: { name: "Ada" } } }]);
    expect(slack.calls("users.info").length).toBeLessThanOrEqual(20);
  });

  test("messages of one thread are accepted in the order of their delivery", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    slack.fail("users.info", { kind: "latency", ms: 100 });
    const first = slack.write({ channel: "D1", user: "U1", text: "first" });
    const second = slack.write({ channel: "D1", user: "U2", text: "second", threadTs: first.ts });
    const calls = slack.deliver(first);
    await expect.poll(() => slack.faultsLeft("users.info")).toBe(0);
    await Promise.all([calls, slack.deliver(second)]);
    expect(accepted.inbounds).toMatchObject([
      { message: { text: "first" } },
      { message: { text: "second" } },
    ]);
  });

  test("closing finishes pending deliveries, and accepts and acknowledges no further ones", async () => {
    const bench = await openSlackBench({ isSocketMode });
    await using _ = bench;
    const { slack, accepted, platform } = bench;
    const { promise: storing, resolve: store } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    accepted.before = async () => {
      ask();
      await storing;
    };
    const said = slack.say({ channel: "D1", user: "U1", text: "just in time" });
    await asked;
    const closed = platform[Symbol.asyncDispose]();
    const late = slack.say({ channel: "D1", user: "U1", text: "too late" });
    store();
    await Promise.all([said, late, closed]);
    expect(accepted.inbounds).toMatchObject([{ message: { text: "just in time" } }]);
    expect(slack.deliveries.undelivered).toHaveLength(1);
  });
});
