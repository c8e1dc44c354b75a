import { expect, test } from "vitest";

import { openSlackBench } from "../../support/slack/slack-bench.ts";

test("when Slack announces the end of the connection, the next one is there at once and nothing is lost", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, accepted, platform } = bench;
  slack.sockets.announceEnd("refresh_requested");
  await expect.poll(() => slack.sockets.envelopes.length).toBe(2);
  await expect.poll(() => slack.sockets.count).toBe(1);
  expect(platform.health()).toEqual({ ok: true, why: "" });
  await slack.say({ channel: "D1", user: "U1", text: "hello" });
  expect(accepted.inbounds).toHaveLength(1);
  expect(slack.sockets.envelopes).toEqual([0, 1]);
});

test("what was not acknowledged when the line was cut comes again and is taken once", async () => {
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

test("health is red with a reason while there is no connection, and it comes back by itself", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, platform, accepted } = bench;
  slack.fail("apps.connections.open", { kind: "reset", when: "before" }, 2);
  slack.sockets.cut();
  await expect.poll(() => platform.health().ok).toBe(false);
  await expect.poll(() => platform.health().why).toBe("not connected (Slack can't be reached)");
  await expect.poll(() => platform.health().ok, { timeout: 10_000 }).toBe(true);
  await slack.say({ channel: "D1", user: "U1", text: "hello" });
  expect(accepted.inbounds).toHaveLength(1);
});

test("an app token that is revoked while we run turns health red and ends nothing", async () => {
  await using bench = await openSlackBench({ isSocketMode: true });
  const { slack, platform } = bench;
  slack.revoke(slack.settings.appToken);
  slack.sockets.cut();
  await expect.poll(() => platform.health().why).toBe("not connected (token_revoked)");
  slack.restore(slack.settings.appToken);
  await expect.poll(() => platform.health().ok, { timeout: 10_000 }).toBe(true);
});

test("frames that make no sense end nothing", async () => {
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

test("closing leaves no connection behind, also while one is being opened", async () => {
  const bench = await openSlackBench({ isSocketMode: true });
  await using _ = bench;
  const { slack, platform } = bench;
  slack.fail("apps.connections.open", { kind: "latency", ms: 300 });
  slack.sockets.cut();
  await expect.poll(() => platform.health().ok).toBe(false);
  await platform[Symbol.asyncDispose]();
  expect(platform.health()).toEqual({ ok: false, why: "closed" });
  await expect.poll(() => slack.calls("apps.connections.open").length).toBe(2);
  await expect.poll(() => slack.sockets.count).toBe(0);
});
