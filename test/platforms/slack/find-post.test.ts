import { describe, expect, test } from "vitest";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { SlackPlatform } from "../../../src/platforms/slack/slack-platform.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Post } from "../../../src/domain/post.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";
import { messageIdOf } from "../../../src/domain/message.ts";

const signal = new AbortController().signal;

/** A clock whose waits take a tenth of the time. */
const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 10, until) };

function post(text: string, state: Post["state"], part = 0): Post {
  return { turn: "t1", part, covers: ["1.0"], text, state };
}

/** Creates a post whose answer never reaches the bot. */
async function postInVain(bench: SlackBench, to: ReplyAddress, wanted: Post): Promise<string> {
  bench.slack.fail("chat.postMessage", { kind: "reset", when: "after" });
  await expect(bench.platform.createPost(to, wanted, signal)).rejects.toMatchObject({ kind: "unreachable" });
  return `T1/C1/${bench.slack.messages.all.at(-1)?.ts ?? ""}`;
}

async function openAsked(options: SlackBenchOptions) {
  const bench = await openSlackBench({ clock: hasty, ...options });
  const ts = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const [inbound] = bench.accepted.inbounds;
  if (inbound?.kind !== "said") throw new Error("Nothing was said");
  return { bench, to: inbound.replyTo, ts, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

const never: SlackBenchOptions["slack"] = { echoes: false, showsMetadata: false };

/** A clock whose waits take twenty times as long: on a busy machine an event comes late. */
const patient: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms * 20, until) };

describe.each([
  ["over HTTP", false],
  ["over Socket Mode", true],
])("a post made before the process died, %s", (_title, isSocketMode) => {
  test("is known to every replica from one replica's event, without a call", async () => {
    await using asked = await openAsked({ isSocketMode, slack: { showsMetadata: false } });
    const { bench, to } = asked;
    const others = [await bench.join(), await bench.join()];
    const ts = await postInVain(bench, to, post("_Thinking…_", "writing"));
    await bench.slack.echoed();
    for (const platform of [bench.platform, ...others]) {
      expect(await platform.findPost(to, post("x", "writing"), Date.now(), signal)).toBe(ts);
    }
    expect(bench.slack.calls("conversations.replies")).toEqual([]);
    expect(bench.accepted.inbounds).toHaveLength(1);
  });

  test("is found by an event that arrives during the search", async () => {
    await using asked = await openAsked({ isSocketMode, slack: never, clock: patient });
    const { bench, to, ts: threadTs } = asked;
    const other = await bench.join();
    const finding = other.findPost(to, post("x", "writing"), Date.now(), signal);
    await expect.poll(() => bench.slack.calls("conversations.replies").length).toBe(1);
    await bench.slack.sendEvent({
      type: "message",
      channel: "C1",
      user: "UBOT",
      bot_id: "BBOT",
      ts: "1700000000.000001",
      thread_ts: threadTs,
      text: "x",
      metadata: {
        event_type: "threadkeeper_reply",
        event_payload: { turn: "t1", covers: [], state: "writing", part: 0 },
      },
    });
    expect(await finding).toBe("T1/C1/1700000000.000001");
    expect(bench.slack.calls("conversations.replies")).toHaveLength(1);
  });
});

describe("a post made before the process died", () => {
  test("is found by its metadata in the thread when no event comes", async () => {
    await using asked = await openAsked({ slack: { echoes: false } });
    const { bench, to } = asked;
    const sinceMs = Date.now();
    const ts = await postInVain(bench, to, post("_Thinking…_", "writing"));
    const other = await bench.join();
    expect(await other.findPost(to, post("x", "writing"), sinceMs, signal)).toBe(ts);
    expect(
      await other.findPost(to, { ...post("x", "writing"), turn: "t2" }, sinceMs, signal),
    ).toBeUndefined();
  });

  test("is found on a later page of a long thread", async () => {
    await using asked = await openAsked({ slack: { echoes: false } });
    const { bench, to, ts: threadTs } = asked;
    const sinceMs = Date.now();
    for (let count = 0; count < 250; count += 1) {
      bench.slack.write({ channel: "C1", user: "U2", text: "noise", threadTs });
    }
    const ts = await postInVain(bench, to, post("here", "writing"));
    expect(await bench.platform.findPost(to, post("here", "writing"), sinceMs, signal)).toBe(ts);
    expect(bench.slack.calls("conversations.replies")).toHaveLength(2);
  });

  test("is the bot's newest post since the intent if Slack omits the metadata", async () => {
    await using asked = await openAsked({ slack: never });
    const { bench, to } = asked;
    const before = await bench.platform.createPost(to, { ...post("earlier", "done"), turn: "t0" }, signal);
    await expect.poll(() => Date.now() / 1_000).toBeGreaterThan(Number(messageIdOf(before)) + 0.002);
    const sinceMs = Date.now();
    const other = await bench.join();
    expect(await other.findPost(to, post("x", "writing"), sinceMs, signal)).toBeUndefined();
    const ts = await postInVain(bench, to, post("_Thinking…_", "writing"));
    expect(await other.findPost(to, post("x", "writing"), sinceMs, signal)).toBe(ts);
    // After the restart the turn covers one more message, which was said below the post.
    const later = bench.slack.write({ channel: "C1", user: "U1", text: "and this", threadTs: asked.ts });
    const grown = { ...post("x", "writing"), covers: [asked.ts, later.ts] };
    expect(await other.findPost(to, grown, sinceMs, signal)).toBe(ts);
  });

  test("is never confused with the post before it, for any difference of clocks", async () => {
    await using asked = await openAsked({ slack: never });
    const { bench, to, ts: threadTs } = asked;
    await postInVain(bench, to, post("the first half", "part"));
    const other = await bench.join();
    const sought = { ...post("the second half", "writing", 1), covers: [threadTs] };
    // By our clock the first part is newer than the intent of the second.
    expect(await other.findPost(to, sought, Date.now() - 60_000, signal)).toBeUndefined();
  });

  test("is not found without event and thread: then a placeholder appears twice", async () => {
    await using asked = await openAsked({ slack: never });
    const { bench, to, ts: threadTs } = asked;
    const placeholder = post("_Thinking…_", "writing");
    await postInVain(bench, to, placeholder);
    bench.slack.fail("conversations.replies", { kind: "error", error: "missing_scope" }, 2);
    const other = await bench.join();
    expect(await other.findPost(to, placeholder, Date.now(), signal)).toBeUndefined();
    const ts = await other.createPost(to, placeholder, signal);
    await other.editPost(to, ts, post("The answer", "done"), signal);
    const texts = bench.slack.posts("C1", threadTs).map((each) => each.text);
    expect(texts).toEqual(["_Thinking…_", "The answer"]);
    expect(bench.log.lines.map((line) => line.message)).toContain(
      "an earlier post was not found; a placeholder may appear twice",
    );
  });

  test("and deleted since is not found, whatever its events reported", async () => {
    await using asked = await openAsked({});
    const { bench, to } = asked;
    const other = await bench.join();
    const ts = await bench.platform.createPost(to, post("x", "writing"), signal);
    await bench.slack.echoed();
    await bench.platform.deletePost(to, ts, signal);
    await bench.slack.echoed();
    expect(await other.findPost(to, post("x", "writing"), Date.now(), signal)).toBeUndefined();
  });
});

test("a post outside any thread is found at the top level of its channel", async () => {
  await using asked = await openAsked({ slack: { echoes: false } });
  const { bench } = asked;
  const to = { platform: "slack", target: { team: "T1", channel: "C1", user: "U1" } };
  const sinceMs = Date.now();
  const id = await postInVain(bench, to, post("_Thinking…_", "writing"));
  const other = await bench.join();
  expect(await other.findPost(to, post("x", "writing"), sinceMs, signal)).toBe(id);
  expect(await bench.platform.findPost(asked.to, post("x", "writing"), sinceMs, signal)).toBeUndefined();
});

test("a post is found by its turn and part, also a finished last one", async () => {
  await using asked = await openAsked({ slack: { echoes: false } });
  const { bench, to } = asked;
  const sinceMs = Date.now();
  const first = await postInVain(bench, to, post("one", "part", 0));
  const second = await postInVain(bench, to, post("two", "done", 1));
  const found = async (platform: SlackPlatform) =>
    Promise.all([0, 1, 2].map((part) => platform.findPost(to, post("x", "writing", part), sinceMs, signal)));
  expect(await found(await bench.join())).toEqual([first, second, undefined]);
});

test("a post that Slack refused is not searched for", async () => {
  await using asked = await openAsked({});
  const { bench, to } = asked;
  bench.slack.fail("chat.postMessage", { kind: "rate-limited", retryAfterSeconds: 1 });
  const creating = bench.platform.createPost(to, post("x", "writing"), signal);
  await expect(creating).rejects.toMatchObject({ kind: "rate-limited" });
  expect(await bench.platform.findPost(to, post("x", "writing"), Date.now(), signal)).toBeUndefined();
  expect(bench.slack.calls("conversations.replies")).toEqual([]);
});

test("the limited allowance awaits the event first, and reads the thread at most once", async () => {
  await using asked = await openAsked({ settings: { history: "limited" }, slack: { echoes: false } });
  const { bench, to } = asked;
  const sinceMs = Date.now();
  const ts = await postInVain(bench, to, post("x", "writing"));
  expect(await bench.platform.findPost(to, post("x", "writing"), sinceMs, signal)).toBe(ts);
  expect(await bench.platform.findPost(to, post("x", "writing", 5), sinceMs, signal)).toBeUndefined();
  const calls = bench.slack.calls("conversations.replies");
  expect(calls.map((call) => call.args["limit"])).toEqual(["15", "15"]);
});
