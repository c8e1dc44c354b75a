import { describe, expect, test } from "vitest";

import type { Installation } from "../../../src/domain/installation.ts";
import type { Post } from "../../../src/domain/post.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { installationOf } from "../../../src/platforms/slack/installation-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import {
  ListedInstallations,
  openSlackBench,
  type SlackBenchOptions,
} from "../../support/slack/slack-bench.ts";
import { buttonsUnder, pressUnder } from "../../support/slack/shown-actions.ts";
import type { SlackStandInOptions } from "../../support/slack/slack-settings.ts";
import { startTwoWorkspaces } from "../../support/slack/two-workspaces.ts";

const signal = AbortSignal.timeout(600_000);

function post(text: string): Post {
  return { turn: "t1", part: 0, covers: [], text, state: "done" };
}

/** A bot in Acme (T1) by its settings, and in Globex (T2) by a stored installation. */
async function openBoth(options: SlackBenchOptions & { readonly globex?: SlackStandInOptions } = {}) {
  await using opening = new AsyncDisposableStack();
  const both = opening.use(await startTwoWorkspaces(options.globex));
  const { acme, globex, apiUrl } = both;
  const installations = new ListedInstallations();
  let aheadMs = 0;
  const clock = { nowMs: () => Date.now() + aheadMs, sleep: systemClock.sleep };
  const stored = await installationOf(globex.settings.botToken, {
    apiUrl,
    proxy: undefined,
    clock,
    log: new RecordingLog(),
  });
  await installations.put(stored);
  const bench = opening.use(
    await openSlackBench({ clock, installations, ...options, standIn: acme, settings: { apiUrl } }),
  );
  both.deliverTo(bench.url);
  const pass = (ms: number): void => void (aheadMs += ms);
  const opened = opening.move();
  /** A mention in Globex, as it was accepted. */
  const askInGlobex = async (text: string) => {
    const ts = await globex.say({ channel: "C1", user: "U1", text, mention: true });
    const said = bench.accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
    if (said?.kind !== "said") throw new Error("Nothing was accepted");
    return said;
  };
  const dispose = { [Symbol.asyncDispose]: () => opened.disposeAsync() };
  return { ...bench, ...both, installations, stored, pass, askInGlobex, ...dispose };
}

/** A reply in the channel C1, which Acme and Globex share, as Slack delivers it for one of them. */
function sharedReply(team: string, ts: string, threadTs: string): Readonly<Record<string, unknown>> {
  return {
    type: "event_callback",
    team_id: team,
    is_ext_shared_channel: true,
    authorizations: [{ team_id: team, enterprise_id: null, is_enterprise_install: false }],
    event: {
      type: "message",
      channel: "C1",
      channel_type: "channel",
      user: "U2",
      team: "T1",
      user_team: "T2",
      text: "hello",
      ts,
      thread_ts: threadTs,
    },
  };
}

test("each workspace gets writes with its own token, and its ids name it", async () => {
  await using both = await openBoth();
  const { acme, globex, platform, askInGlobex } = both;
  const { replyTo } = await askInGlobex("hello");
  expect(replyTo).toMatchObject({ installation: "T2", target: { team: "T2", channel: "C1" } });
  expect(["T1:C1", "T2:C1"].map(platform.installationOf)).toEqual(["T1", "T2"]);
  const id = await platform.createPost(replyTo, post("One"), signal);
  expect(id).toMatch(/^T2\/C1\//u);
  await platform.editPost(replyTo, id, post("Two"), signal);
  expect(globex.messages.all.at(-1)).toMatchObject({ text: "Two", isDeleted: false });
  await platform.deletePost({ platform: "slack", target: {} }, id, signal);
  expect(globex.messages.all.at(-1)).toMatchObject({ isDeleted: true });
  expect(acme.messages.all).toEqual([]);
  expect(both.refused()).toEqual([]);
});

test("a rate limit delays writes to its own workspace only, also to a post that is known by its id alone", async () => {
  await using both = await openBoth();
  const { globex, platform, askInGlobex } = both;
  const { replyTo } = await askInGlobex("hello");
  const id = await platform.createPost(replyTo, post("One"), signal);
  const inAcme = { ...replyTo, installation: "T1", target: { ...replyTo.target, team: "T1" } };
  const acmePost = await platform.createPost(inAcme, { ...post("One"), turn: "t2" }, signal);
  globex.fail("chat.update", { kind: "rate-limited", retryAfterSeconds: 3_600 });
  await expect(platform.editPost(replyTo, id, post("Two"), signal)).rejects.toThrow("rate limit");
  const nowhere = { platform: "slack", target: {} };
  const end = { part: 0, kind: "final" } as const;
  await expect(platform.whenWritable(nowhere, { ...end, turn: "t1", id }, signal)).rejects.toMatchObject({
    kind: "rate-limited",
  });
  await platform.whenWritable(nowhere, { ...end, turn: "t2", id: acmePost }, signal);
});

test("facts about a channel in one workspace do not apply to a channel of the same id in another", async () => {
  await using both = await openBoth();
  const { acme, globex, platform, askInGlobex } = both;
  const { replyTo } = await askInGlobex("hello");
  await acme.rename("C1", "C9");
  const id = await platform.createPost(replyTo, post("One"), signal);
  expect(globex.calls("chat.postMessage").map(({ args }) => args["channel"])).toEqual(["C1"]);
  // A post of Globex is not found in Acme, whatever it is called.
  const there = { platform: "slack", installation: "T1", target: { ...replyTo.target, team: "T1" } };
  expect(await platform.findPost(there, post("One"), 0, signal)).toBeUndefined();
  expect(await platform.findPost(replyTo, post("One"), 0, signal)).toBe(id);
  globex.addChannel("C2", { members: ["UBOT", "U1"] });
  globex.addChannel("C1", { members: ["UBOT", "U1"] });
  const places = ["T1:C2", "T2:C2"];
  expect(await platform.readable({ place: "T2:C1", person: "T2:U1" }, places, signal)).toEqual({
    places: ["T2:C2"],
    unknown: [],
  });
});

test("presses in two workspaces are stored separately, even with the same ids", async () => {
  await using both = await openBoth();
  const { acme, globex, accepted, askInGlobex } = both;
  const { message } = await askInGlobex("hello");
  await acme.say({ channel: "C1", user: "U1", text: "hello", mention: true, ts: message.id });
  // Both stand-ins count their trigger ids alike.
  const use = { channel: "C1", user: "U1", callbackId: "threadkeeper_reset", messageTs: message.id };
  for (const slack of [globex, acme]) await slack.shortcut(use);
  const commands = accepted.inbounds.filter(({ kind }) => kind === "commanded");
  expect(commands).toMatchObject([
    { conversation: `slack:T2:C1:${message.id}`, by: { id: "T2:U1" } },
    { conversation: `slack:T1:C1:${message.id}`, by: { id: "T1:U1" } },
  ]);
});

test("a button belongs to the workspace of its post: its press is stored and answered there", async () => {
  await using both = await openBoth();
  const { acme, globex, accepted, platform, askInGlobex } = both;
  const asked = await askInGlobex("hello");
  const ts = await acme.say({ channel: "C1", user: "U1", text: "hi", mention: true, ts: asked.message.id });
  const acmeTarget = { ...asked.replyTo.target, team: "T1" };
  const inAcme = { ...asked.replyTo, installation: "T1", target: acmeTarget };
  const actions = [
    { id: "give-command", label: "Reset", style: "button", on: "t1", value: "reset" },
  ] as const;
  for (const [slack, to] of [
    [globex, asked.replyTo],
    [acme, inAcme],
  ] as const) {
    const id = await platform.createPost(to, { ...post("Sure?"), actions }, signal);
    const [button] = buttonsUnder(slack, id);
    if (button === undefined) throw new Error("There is no button");
    await pressUnder(slack, id, button, { user: "U1" });
  }
  const presses = accepted.inbounds.filter((each) => each.kind === "pressed");
  expect(presses).toMatchObject([
    { conversation: `slack:T2:C1:${ts}`, by: { id: "T2:U1" }, on: "t1", replyTo: { installation: "T2" } },
    { conversation: `slack:T1:C1:${ts}`, by: { id: "T1:U1" }, on: "t1", replyTo: { installation: "T1" } },
  ]);
  for (const { replyTo, by } of presses) {
    await platform.sendPrivately(replyTo, [`By the URL, ${by.id}`], signal);
    await platform.sendPrivately({ ...replyTo, expiresAtMs: 0 }, [`By the token, ${by.id}`], signal);
  }
  expect(globex.whispers.map(({ text }) => text)).toEqual(["By the URL, T2:U1", "By the token, T2:U1"]);
  expect(acme.whispers.map(({ text }) => text)).toEqual(["By the URL, T1:U1", "By the token, T1:U1"]);
  expect(both.refused()).toEqual([]);
});

test("a thread of a shared channel stays with the workspace that it began with", async () => {
  await using both = await openBoth();
  const { acme, globex, accepted } = both;
  const root = await acme.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const deliver = async (team: string, ts: string, threadTs: string) => {
    const body = sharedReply(team, ts, threadTs);
    expect((await globex.deliveries.send({ type: "events_api", retry: 0, body })).isAcked).toBe(true);
    return accepted.inbounds.at(-1);
  };
  // Slack names either of the two.
  for (const [team, ts] of [
    ["T2", "1900000000.000001"],
    ["T1", "1900000000.000002"],
  ] as const) {
    expect(await deliver(team, ts, root)).toMatchObject({
      conversation: `slack:T1:C1:${root}`,
      replyTo: { installation: "T1" },
    });
  }
  accepted.isArchiveAway = true;
  expect(await deliver("T2", "1900000000.000003", "1899999999.000001")).toMatchObject({
    conversation: "slack:T2:C1:1899999999.000001",
    replyTo: { installation: "T2" },
  });
  accepted.isArchiveAway = false;
  // Equal ids in a channel that is not shared are another thread.
  await globex.say({ channel: "C1", user: "U1", text: "hello", threadTs: root });
  expect(accepted.inbounds.at(-1)).toMatchObject({ conversation: `slack:T2:C1:${root}` });
});

test("a removed installation is noticed within a minute, and no other token is used there", async () => {
  await using both = await openBoth();
  const { globex, acme, platform, installations, accepted, pass, askInGlobex, log } = both;
  const { replyTo } = await askInGlobex("hello");
  const id = await platform.createPost(replyTo, post("One"), signal);
  await globex.echoed();
  await installations.remove("slack", "T2");
  pass(61_000);
  const gone = { name: "PlatformError", kind: "gone" };
  await expect(platform.createPost(replyTo, post("Two"), signal)).rejects.toMatchObject(gone);
  await expect(platform.deletePost({ platform: "slack", target: {} }, id, signal)).rejects.toMatchObject(
    gone,
  );
  expect(await platform.readable({ place: "T2:C1" }, ["T2:C2"], signal)).toEqual({ places: [], unknown: [] });
  const before = accepted.inbounds.length;
  await globex.say({ channel: "C1", user: "U1", text: "anybody?", mention: true });
  await globex.command({ channel: "C1", user: "U1", command: "/help" });
  expect(accepted.inbounds).toHaveLength(before);
  expect(globex.whispers.at(-1)?.text).toContain("not installed");
  expect(log.lines).toContainEqual(
    expect.objectContaining({ level: "warn", facts: expect.objectContaining({ installation: "T2" }) }),
  );
  expect(acme.calls().map(({ method }) => method)).toEqual(["auth.test"]);
});

describe("when Slack says that the app has lost a workspace", () => {
  const uninstalled = { type: "app_uninstalled" };
  const revoked = { type: "tokens_revoked", tokens: { oauth: [], bot: ["UBOT"] } };

  test.each([
    ["uninstalled", uninstalled],
    ["revoked", revoked],
  ])("the installation and its token are removed at once on every replica (%s)", async (_, event) => {
    await using both = await openBoth();
    const { acme, globex, platform, installations, askInGlobex, log, join, urls } = both;
    const other = await join();
    both.deliverTo(urls[0] ?? "");
    const { replyTo } = await askInGlobex("hello");
    await other.createPost(replyTo, post("One"), signal);
    await globex.echoed();
    globex.revoke(globex.settings.botToken);
    // Slack says it twice, or both.
    for (const said of [event, event, uninstalled, revoked])
      expect(await globex.sendEvent(said)).toMatchObject({ isAcked: true });
    expect(await installations.list()).toEqual([]);
    for (const replica of [platform, other]) {
      await expect(replica.createPost(replyTo, post("Two"), signal)).rejects.toMatchObject({ kind: "gone" });
    }
    const told = log.lines.filter(({ message }) => message.includes("was removed from a Slack workspace"));
    expect(told).toMatchObject([{ level: "warn", facts: { installation: "T2" } }]);
    // The other workspace goes on.
    await acme.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    expect(both.accepted.inbounds.at(-1)).toMatchObject({ place: "T1:C1" });
    expect(both.fatal).toEqual([]);
  });

  test("nothing is removed while Slack accepts the token: the app may be installed again", async () => {
    await using both = await openBoth();
    const { globex, platform, installations, askInGlobex } = both;
    const { replyTo } = await askInGlobex("hello");
    for (const said of [uninstalled, revoked, { ...revoked, tokens: { oauth: ["U1"] } }])
      expect(await globex.sendEvent(said)).toMatchObject({ isAcked: true });
    expect(await installations.list()).toHaveLength(1);
    await platform.createPost(replyTo, post("One"), signal);
    // Two of the events concern the bot's token.
    expect(globex.calls("auth.test").length).toBe(3);
  });

  test("a token that was stored since is kept", async () => {
    await using both = await openBoth();
    const { globex, installations, stored, askInGlobex } = both;
    await askInGlobex("hello");
    globex.revoke(globex.settings.botToken);
    await installations.put({ ...stored, token: "xoxb-newer" });
    await globex.sendEvent(uninstalled);
    expect(await installations.find("slack", "T2")).toMatchObject({ token: "xoxb-newer" });
  });

  test("a store that is away leaves the installation, and the log says so", async () => {
    await using both = await openBoth();
    const { globex, installations, askInGlobex, log } = both;
    await askInGlobex("hello");
    globex.revoke(globex.settings.botToken);
    installations.isAway = true;
    expect(await globex.sendEvent(uninstalled)).toMatchObject({ isAcked: true });
    installations.isAway = false;
    expect(await installations.list()).toHaveLength(1);
    expect(log.lines.filter(({ message }) => message.includes("remove it by hand"))).toHaveLength(1);
  });

  test("the token of the settings stays, and its end is reported to the operator", async () => {
    await using bench = await openSlackBench();
    const { slack, fatal, log } = bench;
    await slack.sendEvent(uninstalled);
    expect(fatal).toEqual([]);
    slack.revoke(slack.settings.botToken);
    expect(await slack.sendEvent(uninstalled)).toMatchObject({ isAcked: true });
    await expect.poll(() => fatal).toEqual(["Slack refuses the bot token (token_revoked)"]);
    expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

test("while the store is unavailable, open workspaces continue, and events of others are delivered again", async () => {
  await using both = await openBoth();
  const { globex, platform, installations, accepted, pass, askInGlobex, stored } = both;
  installations.isAway = true;
  await globex.say({ channel: "C1", user: "U1", text: "too early", mention: true });
  expect(accepted.inbounds).toEqual([]);
  await globex.command({ channel: "C1", user: "U1", command: "/help" });
  expect(globex.whispers.at(-1)?.text).toContain("try again");
  const elsewhere = {
    platform: "slack",
    installation: "T2",
    target: { team: "T2", channel: "C1", user: "U1" },
  };
  await expect(platform.createPost(elsewhere, post("One"), signal)).rejects.toMatchObject({
    kind: "unreachable",
  });
  installations.isAway = false;
  await globex.deliveries.redeliver();
  expect(accepted.inbounds).toMatchObject([{ conversation: expect.stringMatching(/^slack:T2:C1:/u) }]);
  installations.isAway = true;
  pass(61_000);
  const { replyTo } = await askInGlobex("still there?");
  await platform.createPost(replyTo, post("Yes"), signal);
  expect(stored.token).toBe(globex.settings.botToken);
});

test("each workspace has its own name for the bot", async () => {
  await using both = await openBoth();
  const { platform, askInGlobex, stored, installations } = both;
  await installations.put({ ...stored, account: { ...stored.account, name: "globot" } });
  const { place } = await askInGlobex("hello");
  const home = platform.botNameIn("T1:C1");
  expect(home).toBeDefined();
  expect(platform.botNameIn(place)).toBe("globot");
  expect(platform.botNameIn("T9:C1")).toBeUndefined();
});

test("finding the workspace and storing the event fail together before Slack's three seconds are over", async () => {
  await using both = await openBoth();
  const { globex, installations, accepted } = both;
  const stuck = Promise.withResolvers<void>();
  installations.before = () => systemClock.sleep(1_500, signal);
  accepted.before = (_inbound, given) => {
    given.addEventListener("abort", () => stuck.reject(given.reason));
    return stuck.promise;
  };
  await globex.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  // An error status, and not Slack's own timeout.
  expect(globex.deliveries.undelivered).toContainEqual(
    expect.objectContaining({ retryReason: "http_error" }),
  );
  expect(globex.deliveries.undelivered).not.toContainEqual(
    expect.objectContaining({ retryReason: "timeout" }),
  );
});

test("a refused token stops its workspace only, is reported, and is replaced within a minute", async () => {
  await using both = await openBoth();
  const { acme, globex, platform, installations, stored, fatal, log, pass, askInGlobex } = both;
  await installations.put({ ...stored, token: "xoxb-old" } satisfies Installation);
  const { replyTo } = await askInGlobex("hello");
  await expect(platform.createPost(replyTo, post("One"), signal)).rejects.toMatchObject({
    kind: "unreachable",
  });
  expect(platform.health()).toEqual({
    ok: true,
    why: "Slack refuses the tokens of 1 of the 1 open installations",
  });
  const errors = log.lines.filter(({ level }) => level === "error");
  expect(errors).toMatchObject([{ facts: { installation: "T2", code: "invalid_auth" } }]);
  await installations.put(stored);
  pass(61_000);
  await platform.createPost(replyTo, post("One"), signal);
  expect(platform.health()).toEqual({ ok: true, why: "" });
  // The other way round: the stored installation goes on without the token of the settings.
  acme.revoke(acme.settings.botToken);
  const home = { platform: "slack", target: { team: "T1", channel: "C1", user: "U1" } };
  await expect(platform.createPost(home, post("One"), signal)).rejects.toMatchObject({ kind: "unreachable" });
  await platform.createPost(replyTo, post("Two"), signal);
  expect(platform.health()).toEqual({ ok: true, why: "Slack refuses the bot token (token_revoked)" });
  expect(fatal).toEqual([]);
  expect(globex.messages.all.filter(({ botId }) => botId !== undefined)).toHaveLength(2);
});

test("a stored installation may be a whole organisation", async () => {
  await using both = await openBoth({ globex: { organisation: "E2" } });
  const { globex, platform, askInGlobex, stored } = both;
  expect(stored).toMatchObject({ id: "E2", account: { isOrganisation: "yes" } });
  const { replyTo, conversation, place } = await askInGlobex("hello");
  expect(replyTo).toMatchObject({ installation: "E2", target: { team: "T2" } });
  const id = await platform.createPost(replyTo, post("One"), signal);
  expect(id).toMatch(/^E2\/C1\//u);
  expect(platform.permalinkOf(conversation, id)).toContain("/T2/archives/C1/p");
  // A place names the workspace alone.
  const known = { place, conversations: [{ conversation, lastMessage: "1.000001" }] };
  expect((await platform.fetchMissed(known, signal)).length).toBeGreaterThan(0);
  expect(globex.calls("conversations.history")).toHaveLength(1);
  expect(both.refused()).toEqual([]);
});

test("the 200 installations that were used last stay open", async () => {
  await using both = await openBoth();
  const { platform, installations, stored } = both;
  const use = async (n: number): Promise<void> => {
    const place = `T${n}:D1`;
    const where = { conversation: `slack:${place}:1.2`, place, hasWritten: false, isSpeaker: false } as const;
    expect(await platform.hasRight(`T${n}:U1`, "read", where, signal)).toBe(true);
  };
  for (let n = 100; n <= 300; n += 1) {
    await installations.put({ ...stored, id: `T${n}` });
    await use(n);
  }
  installations.looked.length = 0;
  await use(300);
  await use(101);
  expect(installations.looked).toEqual([]);
  await use(100);
  expect(installations.looked).toEqual(["T100"]);
});

test("the program does not start with installations that SECRET_KEY does not open", async () => {
  const installations = new ListedInstallations();
  const sealed = { list: async () => [{ id: "T2", isReadable: false }] };
  await expect(openSlackBench({ installations: Object.assign(installations, sealed) })).rejects.toThrow(
    /^SECRET_KEY: it does not open 1 of 1 stored installations/u,
  );
});
