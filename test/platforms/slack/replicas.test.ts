import { describe, expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";

describe.each([
  ["over HTTP, by turns", false],
  ["over Socket Mode, each event to any connection", true],
])("several replicas, %s", (_title, isSocketMode) => {
  test("accept each message once, however often and to whichever replica it is delivered", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted } = bench;
    await bench.join();
    await bench.join();
    const roots = await Promise.all(
      Array.from({ length: 20 }, (_, count) =>
        slack.say({ channel: `C${count}`, user: "U1", text: "hello", mention: true }),
      ),
    );
    const replies = await Promise.all(
      roots.map(async (threadTs, count) => {
        const message = slack.write({ channel: `C${count}`, user: "U2", text: "and more", threadTs });
        await Promise.all([slack.deliver(message), slack.deliver(message), slack.deliver(message)]);
        return message.ts;
      }),
    );
    expect(slack.deliveries.undelivered).toEqual([]);
    const messages = accepted.inbounds.map((each) => (each.kind === "said" ? each.message.id : ""));
    expect(messages).toHaveLength(40);
    expect(new Set(messages)).toEqual(new Set([...roots, ...replies]));
    const taken = isSocketMode ? slack.sockets.envelopes : slack.httpDeliveries;
    expect(taken).toHaveLength(3);
    expect(Math.min(...taken)).toBeGreaterThan(20);
  });

  test("lose nothing when one stops: the others get its deliveries", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    await bench.join();
    const messages = Array.from({ length: 20 }, () => slack.write({ channel: "D1", user: "U1", text: "hi" }));
    const delivering = messages.map((message) => slack.deliver(message));
    await platform[Symbol.asyncDispose]();
    await Promise.all(delivering);
    // The load balancer sees in /readyz that a replica is gone.
    if (!isSocketMode) slack.deliverTo(...bench.urls.slice(1));
    const late = slack.write({ channel: "D1", user: "U1", text: "still there?" });
    await slack.deliver(late);
    // Slack retries three times: at once, after one minute and after five.
    for (let tries = 0; tries < 3; tries += 1) await slack.deliveries.redeliver();
    expect(new Set(accepted.inbounds.map((each) => each.kind === "said" && each.message.id))).toEqual(
      new Set([...messages, late].map(({ ts }) => ts)),
    );
    expect(accepted.inbounds).toHaveLength(21);
  });

  test("never accept a post of another replica as a message", async () => {
    await using bench = await openSlackBench({ isSocketMode });
    const { slack, accepted, platform } = bench;
    const other = await bench.join();
    const ts = await slack.say({ channel: "D1", user: "U1", text: "hello" });
    const [inbound] = accepted.inbounds;
    if (inbound?.kind !== "said") throw new Error("Nothing was said");
    const signal = new AbortController().signal;
    const post = { turn: "t1", part: 0, covers: [ts], text: "<@UBOT> hi", state: "writing" } as const;
    const id = await platform.createPost(inbound.replyTo, post, signal);
    await other.editPost(inbound.replyTo, id, { ...post, text: "hi again", state: "done" }, signal);
    await platform.deletePost(inbound.replyTo, id, signal);
    await slack.echoed();
    expect(accepted.inbounds).toHaveLength(1);
  });
});
