import { describe, expect, test } from "vitest";

import { conversationKey } from "../../../src/domain/conversation.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench } from "../../support/slack/slack-bench.ts";

test("an announced end of the connection opens the next one at once, without loss", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, accepted, platform } = bench;
  slack.sockets.announceEnd("refresh_requested");
  await expect.poll(() => slack.sockets.envelopes.length).toBe(2);
  await expect.poll(() => slack.sockets.count).toBe(1);
  // Slack counts a connection before the bot has read its hello.
  await expect.poll(() => platform.health()).toEqual({ ok: true, why: "" });
  await slack.say({ channel: "D1", user: "U1", text: "hello" });
  expect(accepted.inbounds).toHaveLength(1);
  expect(slack.sockets.envelopes).toEqual([0, 1]);
});

test("an event that was not acknowledged before a cut is delivered again and accepted once", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, accepted } = bench;
  const { promise: storing, resolve: store } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  accepted.before = async () => {
    ask();
    await storing;
  };
  const said = slack.say({ channel: "D1", user: "U1", text: "hello" });
  await asked;
  slack.sockets.cut();
  store();
  await said;
  expect(slack.deliveries.undelivered).toHaveLength(1);
  await expect.poll(() => slack.sockets.count).toBe(1);
  await slack.deliveries.redeliver();
  expect(slack.deliveries.undelivered).toHaveLength(0);
  expect(accepted.inbounds).toHaveLength(1);
});

test("health names the reason while there is no connection, and recovers by itself", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, platform, accepted } = bench;
  slack.fail("apps.connections.open", { kind: "reset", when: "before" }, 2);
  slack.sockets.cut();
  await expect.poll(() => platform.health().ok).toBe(false);
  await expect.poll(() => platform.health().why).toBe("not connected (Slack can't be reached)");
  await expect.poll(() => platform.health().ok, { timeout: 60_000 }).toBe(true);
  await slack.say({ channel: "D1", user: "U1", text: "hello" });
  expect(accepted.inbounds).toHaveLength(1);
});

test("an app token that is revoked at run time turns health red and keeps the process alive", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, platform } = bench;
  slack.revoke(slack.settings.appToken);
  slack.sockets.cut();
  await expect.poll(() => platform.health().why).toBe("not connected (token_revoked)");
  slack.restore(slack.settings.appToken);
  await expect.poll(() => platform.health().ok, { timeout: 60_000 }).toBe(true);
});

test("malformed frames do not end the connection", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, accepted, platform } = bench;
  for (const frame of [
    "garbage",
    "null",
    "[]",
    `{"type":"events_api"}`,
    `{"type":"events_api","payload":5}`,
  ]) {
    slack.sockets.sendRaw(frame);
  }
  await slack.say({ channel: "D1", user: "U1", text: `{"type":"disconnect"}` });
  expect(accepted.inbounds).toHaveLength(1);
  expect(platform.health().ok).toBe(true);
  expect(slack.sockets.count).toBe(1);
});

test("closing leaves no connection open, not even one being opened", async () => {
  const bench = await openSlackBench({ isSocketMode: true });
  await using _ = bench;
  const { slack, platform } = bench;
  slack.fail("apps.connections.open", { kind: "latency", ms: 300 });
  slack.sockets.cut();
  await expect.poll(() => platform.health().ok).toBe(false);
  await expect.poll(() => slack.faultsLeft("apps.connections.open")).toBe(0);
  await platform[Symbol.asyncDispose]();
  expect(platform.health()).toEqual({ ok: false, why: "closed" });
  await expect.poll(() => slack.calls("apps.connections.open").length).toBe(2);
  await expect.poll(() => slack.sockets.count).toBe(0);
});

describe("a gap without any connection", () => {
  /** The system clock, moved forward by the test. */
  function shiftable() {
    const shift = { ms: 0 };
    const clock: Clock = { ...systemClock, nowMs: () => Date.now() + shift.ms };
    return { shift, clock };
  }

  test("is reported when it is over, and its messages are found, also in threads that went on", async () => {
    const { shift, clock } = shiftable();
    await using bench = await openSlackBench({ isSocketMode: true, clock });
    const { slack, platform, gaps } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const lostAtMs = Date.now();
    slack.fail("apps.connections.open", { kind: "reset", when: "before" }, 2);
    slack.sockets.cut();
    await expect.poll(() => platform.health().ok).toBe(false);
    const { ts: missed } = slack.write({ channel: "C1", user: "U1", text: "anybody?", threadTs: root });
    shift.ms += 20_000;
    await expect.poll(() => platform.health().ok, { timeout: 60_000 }).toBe(true);
    expect(gaps).toHaveLength(1);
    const { fromMs, toMs } = gaps[0] ?? { fromMs: 0, toMs: 0 };
    expect(fromMs).toBeGreaterThanOrEqual(lostAtMs);
    expect(fromMs).toBeLessThan(lostAtMs + 15_000);
    expect(toMs - fromMs).toBeGreaterThanOrEqual(20_000);
    const after = await slack.say({ channel: "C1", user: "U1", text: "ah, there", threadTs: root });
    const place = {
      place: "T1:C1",
      conversations: [{ conversation: conversationKey(`slack:T1:C1:${root}`), lastMessage: after }],
      missedFromMs: fromMs,
    };
    const said = await platform.fetchMissed(place, new AbortController().signal);
    expect(said.map(({ message }) => message.id)).toContain(missed);
  });

  test("of a few seconds is not reported: Slack delivers again by itself", async () => {
    const { shift, clock } = shiftable();
    await using bench = await openSlackBench({ isSocketMode: true, clock });
    const { slack, platform, gaps } = bench;
    slack.fail("apps.connections.open", { kind: "reset", when: "before" });
    slack.sockets.cut();
    await expect.poll(() => platform.health().ok).toBe(false);
    shift.ms += 2_000;
    await expect.poll(() => platform.health().ok, { timeout: 60_000 }).toBe(true);
    slack.sockets.announceEnd("refresh_requested");
    await expect.poll(() => slack.calls("apps.connections.open").length).toBe(3);
    await expect.poll(() => slack.sockets.count).toBe(1);
    shift.ms += 60_000;
    expect(gaps).toEqual([]);
  });
});

describe("a token that Slack rejects permanently", () => {
  test("is reported once, for the app token", async () => {
    await using bench = await openSlackBench({ isSocketMode: true });
    const { slack, fatal, platform } = bench;
    slack.fail("apps.connections.open", { kind: "reset", when: "before" });
    slack.sockets.cut();
    await expect.poll(() => platform.health().why).toBe("not connected (Slack can't be reached)");
    expect(fatal).toEqual([]);
    slack.revoke(slack.settings.appToken);
    slack.sockets.cut();
    await expect
      .poll(() => slack.calls("apps.connections.open").filter((call) => call.error !== undefined).length, {
        timeout: 60_000,
      })
      .toBe(2);
    await expect.poll(() => fatal).toEqual(["Slack refuses the app token (token_revoked)"]);
    expect(platform.health()).toEqual({ ok: false, why: "not connected (token_revoked)" });
  });

  test.each(["invalid_auth", "account_inactive", "token_revoked"])(
    "is reported for the bot token: %s",
    async (error) => {
      await using bench = await openSlackBench();
      const { slack, fatal, platform } = bench;
      slack.fail("chat.delete", { kind: "status", status: 500 });
      slack.fail("chat.delete", { kind: "error", error: "missing_scope" });
      slack.fail("chat.delete", { kind: "error", error }, 2);
      const to = {
        platform: "slack",
        installation: "T1",
        target: { team: "T1", channel: "C1", threadTs: "1.000000", user: "U1" },
      };
      const attempt = async () => {
        const deleting = platform.deletePost(to, "1.000000", new AbortController().signal);
        await expect(deleting).rejects.toMatchObject({ name: "PlatformError" });
      };
      await attempt();
      await attempt();
      expect(fatal).toEqual([]);
      await attempt();
      await attempt();
      expect(fatal).toEqual([`Slack refuses the bot token (${error})`]);
      expect(platform.health()).toEqual({ ok: false, why: `Slack refuses the bot token (${error})` });
    },
  );
});
