import { describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";

const { signal } = new AbortController();
const done = { isAsking: false, mayBeLeft: false };
const left = { isAsking: false, mayBeLeft: true };
const asks = { isAsking: true, mayBeLeft: false };
const setStatus = "agents.sessions.setStatus";
const rename = "agents.sessions.rename";
const older = "assistant.threads.setStatus";
const hour = 3_600_000;

/** A bench whose clock can be moved, and whose sleeps end at once. */
async function openBench(options: SlackBenchOptions = {}) {
  const moved = { byMs: 0, slept: [] as number[] };
  const clock = {
    nowMs: () => Date.now() + moved.byMs,
    sleep: async (ms: number, until: AbortSignal) => {
      until.throwIfAborted();
      if (ms >= 2_000) moved.slept.push(ms);
      else await systemClock.sleep(ms, until);
      moved.byMs += ms;
    },
  };
  return { bench: await openSlackBench({ clock, ...options }), moved };
}

async function asked({ slack, accepted }: SlackBench, channel = "D1") {
  const ts = await slack.say({ channel, user: "U1", text: "hello", mention: true });
  const said = accepted.inbounds.findLast((each) => each.kind === "said");
  if (said?.kind !== "said") throw new Error("Nothing was said");
  const to: ReplyAddress = said.replyTo;
  return { to, statuses: () => slack.sessions.get(channel, ts)?.statuses ?? [] };
}

const warnings = ({ log }: SlackBench) => log.lines.filter(({ message }) => message.includes("sessions"));

describe.each([{ isSocketMode: false }, { isSocketMode: true }])("with %o", (options) => {
  test("a DM's session is processing until the bot is done", async () => {
    await using bench = await openSlackBench(options);
    const { to, statuses } = await asked(bench);
    await bench.platform.showWorking(to, signal);
    expect(statuses()).toEqual(["processing"]);
    await bench.platform.showRest(to, done, signal);
    expect(statuses()).toEqual(["processing", "active"]);
    expect(bench.slack.calls(older)).toEqual([]);
  });
});

test("a session is suspended while a person is asked, and processing again after that", async () => {
  await using bench = await openSlackBench();
  const { to, statuses } = await asked(bench);
  await bench.platform.showWorking(to, signal);
  await bench.platform.showRest(to, asks, signal);
  // Each look at the waiting turn says so again.
  await bench.platform.showRest(to, { isAsking: true, mayBeLeft: true }, signal);
  await bench.platform.showWorking(to, signal);
  await bench.platform.showRest(to, done, signal);
  expect(statuses()).toEqual(["processing", "suspended", "processing", "active"]);
});

test("an end that overtakes its beginning comes last", async () => {
  await using bench = await openSlackBench();
  const { to, statuses } = await asked(bench);
  bench.slack.fail(setStatus, { kind: "latency", ms: 50 });
  const shown = bench.platform.showWorking(to, signal);
  await bench.platform.showRest(to, done, signal);
  await shown;
  expect(statuses()).toEqual(["processing", "active"]);
});

test("what another process showed is ended, and nothing where nothing was shown", async () => {
  await using bench = await openSlackBench();
  const other = await bench.join();
  const { to, statuses } = await asked(bench);
  await other.showWorking(to, signal);
  await bench.platform.showRest(to, done, signal);
  expect(statuses()).toEqual(["processing"]);
  await bench.platform.showRest(to, left, signal);
  expect(statuses()).toEqual(["processing", "active"]);
});

test("the end of an answer in a channel waits for nothing", async () => {
  await using bench = await openSlackBench();
  const { to } = await asked(bench, "C1");
  expect(bench.platform.showRest(to, left, signal)).toBeUndefined();
});

test("a channel has no session: its first post says that the bot works", async () => {
  await using bench = await openSlackBench();
  const { to, statuses } = await asked(bench, "C1");
  await bench.platform.showWorking(to, signal);
  await bench.platform.showRest(to, left, signal);
  expect(statuses()).toEqual([]);
  expect([...bench.slack.calls(setStatus), ...bench.slack.calls(older)]).toEqual([]);
});

test("an end that meets a rate limit or an outage is tried again", async () => {
  const { bench: opened, moved } = await openBench();
  await using bench = opened;
  const { to, statuses } = await asked(bench);
  await bench.platform.showWorking(to, signal);
  bench.slack.fail(setStatus, { kind: "rate-limited", retryAfterSeconds: 30 });
  bench.slack.fail(setStatus, { kind: "status", status: 503 });
  await bench.platform.showRest(to, done, signal);
  await expect.poll(statuses).toEqual(["processing", "active"]);
  expect(moved.slept[0]).toBeGreaterThanOrEqual(30_000);
});

test("an end is not tried again once the bot works again", async () => {
  let wake = () => undefined as void;
  const clock = {
    ...systemClock,
    sleep: async (ms: number, until: AbortSignal) =>
      ms < 2_000 ? systemClock.sleep(ms, until) : new Promise<void>((resolve) => (wake = resolve)),
  };
  await using bench = await openSlackBench({ clock });
  const { to, statuses } = await asked(bench);
  await bench.platform.showWorking(to, signal);
  bench.slack.fail(setStatus, { kind: "status", status: 503 });
  await bench.platform.showRest(to, done, signal);
  await bench.platform.showWorking(to, signal);
  wake();
  const { to: next } = await asked(bench);
  await bench.platform.showWorking(next, signal);
  expect(statuses()).toEqual(["processing", "processing"]);
});

test("a busy workspace leaves calls for the ends", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  slack.rates.set(setStatus, { calls: 50, windowMs: 60_000 }, Date.now);
  const all = [];
  for (let each = 0; each < 60; each += 1) all.push(await asked(bench, `D${each}`));
  for (const { to } of all) await platform.showWorking(to, signal);
  for (const { to } of all) await platform.showRest(to, done, signal);
  const shown = all.filter(({ statuses }) => statuses().includes("processing"));
  expect(shown.length).toBeGreaterThan(15);
  expect(slack.sessions.processing).toEqual([]);
  expect(slack.rates.refused.get(setStatus) ?? 0).toBe(0);
});

describe("where the app is no agent", () => {
  const refusals = ["not_authorized", "unknown_method", "missing_scope"];
  test.each(refusals)("the older status is shown, and %s is learned for an hour", async (error) => {
    const { bench: opened, moved } = await openBench();
    await using bench = opened;
    const { slack, platform } = bench;
    slack.fail(setStatus, { kind: "error", error }, 2);
    const { to } = await asked(bench);
    for (let times = 0; times < 3; times += 1) {
      await platform.showWorking(to, signal);
      await platform.showRest(to, done, signal);
    }
    const told = slack.statuses.map(({ status }) => status);
    expect(told).toEqual(["is thinking…", "", "is thinking…", "", "is thinking…", ""]);
    expect(slack.faultsLeft(setStatus)).toBe(1);
    moved.byMs += hour + 1;
    await platform.showWorking(to, signal);
    expect(slack.faultsLeft(setStatus)).toBe(0);
    expect(warnings(bench)).toHaveLength(1);
  });

  test("and has no older status either, nothing is asked for an hour", async () => {
    await using bench = await openSlackBench({ slack: { isAgent: false } });
    const { slack, platform } = bench;
    slack.fail(older, { kind: "error", error: "unknown_method" }, 2);
    const { to } = await asked(bench);
    for (let times = 0; times < 3; times += 1) {
      await platform.showWorking(to, signal);
      await platform.showRest(to, left, signal);
    }
    expect(slack.calls(setStatus)).toHaveLength(1);
    expect(slack.faultsLeft(older)).toBe(1);
    expect(warnings(bench)).toMatchObject([{ message: expect.stringContaining("no status is shown") }]);
  });

  test("an older status that Slack has cleared by itself is not cleared again", async () => {
    const { bench: opened, moved } = await openBench({ slack: { isAgent: false } });
    await using bench = opened;
    const { to } = await asked(bench);
    await bench.platform.showWorking(to, signal);
    moved.byMs += 2 * 60_000;
    await bench.platform.showRest(to, done, signal);
    expect(bench.slack.statuses.map(({ status }) => status)).toEqual(["is thinking…"]);
  });
});

test("a thread that Slack does not know stops no answer and is no reason to give up sessions", async () => {
  await using bench = await openSlackBench();
  const { to, statuses } = await asked(bench);
  bench.slack.fail(setStatus, { kind: "error", error: "thread_not_found" });
  await expect(bench.platform.showWorking(to, signal)).rejects.toThrow("thread_not_found");
  await bench.platform.showRest(to, done, signal);
  expect(statuses()).toEqual(["active"]);
  expect(warnings(bench)).toEqual([]);
});

describe("titles", () => {
  const conversationOf = ({ accepted }: SlackBench) => {
    const { conversation, place } = accepted.inbounds.at(-1) ?? {};
    if (conversation === undefined || place === undefined) throw new Error("Nothing was said");
    return { conversation, place };
  };
  /** A DM whose conversation has this title in the directory. */
  async function titled(bench: SlackBench, title: string) {
    const { to } = await asked(bench);
    await bench.platform.showWorking(to, signal);
    const { conversation, place } = conversationOf(bench);
    const list = (now: string) =>
      (bench.accepted.entries = [{ conversation, platform: "slack", place, title: now, lastAtMs: 1 }]);
    list(title);
    const session = () => bench.slack.sessions.get("D1", to.target["threadTs"] ?? "");
    return { conversation, to, list, shown: () => session()?.title };
  }

  test("a session has the conversation's title, and loses it with what was erased", async () => {
    await using bench = await openSlackBench();
    const { conversation, list, shown } = await titled(bench, "Paint for the fence");
    expect(bench.platform.showsTitles(conversation)).toBe(true);
    for (let times = 0; times < 2; times += 1) await bench.platform.showTitle(conversation, false);
    expect(shown()).toBe("Paint for the fence");
    expect(bench.slack.calls(rename)).toHaveLength(1);
    list("x".repeat(300));
    await bench.platform.showTitle(conversation, false);
    expect(shown()).toBe("x".repeat(200));
    await bench.platform.showTitle(conversation, true);
    expect(shown()).toBe("Untitled");
  });

  test("a title that Slack does not take at once is sent again", async () => {
    const { bench: opened, moved } = await openBench();
    await using bench = opened;
    const { conversation, shown } = await titled(bench, "Paint");
    bench.slack.fail(rename, { kind: "rate-limited", retryAfterSeconds: 30 });
    bench.slack.fail(rename, { kind: "status", status: 503 });
    await bench.platform.showTitle(conversation, false);
    expect(shown()).toBe("Paint");
    expect(moved.slept[0]).toBeGreaterThanOrEqual(30_000);
  });

  test("none are shown or asked for in channels, and where the app is no agent", async () => {
    await using bench = await openSlackBench({ slack: { isAgent: false } });
    const { conversation } = await titled(bench, "Paint");
    expect(bench.platform.showsTitles(conversation)).toBe(false);
    expect(bench.platform.showsTitles("slack:T1:C1:1.2")).toBe(false);
    expect(bench.platform.showsTitles("slack:T1:D1")).toBe(false);
    await bench.platform.showTitle(conversation, false);
    expect(bench.slack.calls(rename)).toEqual([]);
    expect(warnings(bench)).toHaveLength(1);
  });

  test("a thread without a session needs no title", async () => {
    await using bench = await openSlackBench();
    await asked(bench);
    await bench.platform.showTitle(conversationOf(bench).conversation, true);
    expect(bench.slack.calls(rename)).toMatchObject([{ error: "session_not_found" }]);
    expect(warnings(bench)).toEqual([]);
    expect(bench.log.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  test.each([{ isSocketMode: false }, { isSocketMode: true }])(
    "a title that a person gives in Slack is the conversation's, with %o",
    async (options) => {
      await using bench = await openSlackBench({ ...options, slack: { ackWithinMs: 300 } });
      const { to, conversation } = await titled(bench, "Paint");
      const event = {
        type: "agent_session_title_changed",
        channel: "D1",
        user: "U1",
        team_id: "T1",
        thread_ts: to.target["threadTs"],
        previous_title: "Paint",
        title: " Our\nfence ",
        event_ts: "1795000000.000200",
      };
      const isAway = { byError: true };
      const given: (readonly [string, string])[] = [];
      bench.accepted.rename = async (named, title) => {
        if (isAway.byError) throw new Error("The directory can't be written");
        given.push([named, title]);
      };
      await bench.slack.sendEvent(event);
      isAway.byError = false;
      await bench.slack.deliveries.redeliver();
      await bench.slack.sendEvent({ ...event, user: "UBOT", title: "Ours" });
      await bench.slack.sendEvent({ ...event, title: " " });
      expect(given).toEqual([[conversation, "Our fence"]]);
      expect(bench.slack.calls(rename)).toEqual([]);
    },
  );
});
