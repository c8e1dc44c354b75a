import { describe, expect, test } from "vitest";
import type { Action } from "../../../src/domain/action.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Post } from "../../../src/domain/post.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { createPlanned, editPlanned } from "../../support/core/planned-writes.ts";
import type { SlackFault } from "../../support/slack/slack-faults.ts";
import { messageIdOf } from "../../../src/domain/message.ts";

const signal = new AbortController().signal;

/** A person asks something; returns where to answer. */
async function asked(bench: SlackBench): Promise<ReplyAddress & { readonly ts: string }> {
  const ts = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const [inbound] = bench.accepted.inbounds;
  if (inbound?.kind !== "said") throw new Error("Nothing was said");
  return { ...inbound.replyTo, ts };
}

function post(text: string, state: Post["state"], part = 0): Post {
  return { turn: "t1", part, covers: ["1.0"], text, state };
}

test("an answer grows in the thread, and its last post has the menu and the fixed metadata", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  const first = await platform.createPost(to, post("_Thinking…_", "writing"), signal);
  await platform.editPost(to, first, post("# One", "part"), signal);
  const second = await platform.createPost(to, post("Two", "writing", 1), signal);
  expect(slack.posts("C1", to.ts).map((each) => each.metadata)).toEqual([
    {
      event_type: "threadkeeper_reply",
      event_payload: { turn: "t1", covers: ["1.0"], state: "part", part: 0 },
    },
    {
      event_type: "threadkeeper_reply",
      event_payload: { turn: "t1", covers: ["1.0"], state: "writing", part: 1 },
    },
  ]);
  const actions = ["reset", "forget this"].map((value): Action => ({
    id: "give-command",
    label: value.toUpperCase(),
    style: "menu",
    value,
  }));
  await platform.editPost(to, second, { ...post("Two and done", "done", 1), actions }, signal);
  const [one, two] = slack.posts("C1", to.ts);
  const link = new URL(`/archives/C1/p${one?.ts.replace(".", "")}?thread_ts=${to.ts}&cid=C1`, slack.apiUrl);
  expect(platform.permalinkOf(`slack:T1:C1:${to.ts}`, first)).toBe(link.href);
  expect(platform.permalinkOf(`slack:T2:C1:${to.ts}`, first)).toBeUndefined();
  expect([one, two].map((each) => markdownOf({ blocks: each?.blocks ?? [] }))).toEqual([
    "# One",
    "Two and done",
  ]);
  expect(one?.blocks).toHaveLength(1);
  expect(two?.metadata).toEqual({
    event_type: "threadkeeper_reply",
    event_payload: { turn: "t1", covers: ["1.0"], state: "done" },
  });
  expect(two?.blocks[1]).toMatchObject({
    type: "actions",
    elements: [
      {
        type: "overflow",
        action_id: "threadkeeper_menu",
        options: [
          { value: "reset", text: { text: "RESET" } },
          { value: "forget this", text: { text: "FORGET THIS" } },
        ],
      },
    ],
  });
});

test("a post without text shows that the bot thinks", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  await platform.createPost(to, post("", "writing"), signal);
  expect(slack.posts("C1", to.ts).map((each) => each.text)).toEqual(["_Thinking…_"]);
});

test("an old post is edited and deleted by its id alone", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  const first = await platform.createPost(to, post("one", "part"), signal);
  const second = await platform.createPost(to, post("two", "done", 1), signal);
  expect(first).toMatch(/^T1\/C1\/\d+\.\d{6}$/u);
  const nowhere = { platform: "slack", target: {} };
  const other = await bench.join();
  await other.editPost(nowhere, first, post("one, better", "part"), signal);
  await other.deletePost(nowhere, second, signal);
  expect(slack.posts("C1", to.ts).map((each) => each.text)).toEqual(["one, better"]);
  await other.deletePost(nowhere, second, signal);
  slack.fail("chat.delete", { kind: "error", error: "cant_delete_message" });
  await expect(other.deletePost(nowhere, first, signal)).rejects.toMatchObject({ kind: "forbidden" });
  await slack.echoed();
  // A post that the other replica deleted is not found any more.
  expect(await platform.findPost(to, post("two", "writing", 1), Date.now(), signal)).toBeUndefined();
});

test.each([
  ["the channel and the message", "C1/"],
  ["only the message, in the channel of the question", ""],
])("a post id stored by an earlier version names %s", async (_, beginning) => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  const ts = messageIdOf(await platform.createPost(to, post("_Thinking…_", "writing"), signal));
  const id = `${beginning}${ts}`;
  // Addresses of earlier versions name no installation.
  const { installation: _later, ...stored } = to;
  await platform.editPost(stored, id, post("Done", "done"), signal);
  expect(slack.posts("C1", to.ts).map((each) => each.text)).toEqual(["Done"]);
  await platform.deletePost(stored, id, signal);
  expect(slack.posts("C1", to.ts)).toEqual([]);
});

test("a post id without a channel is rejected where the address names none either", async () => {
  await using bench = await openSlackBench();
  const lost = bench.platform.deletePost({ platform: "slack", target: {} }, "1700000000.000001", signal);
  await expect(lost).rejects.toMatchObject({ kind: "rejected" });
});

test("a retraction that resumes after a rate limit skips the posts already deleted", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  const ids: string[] = [];
  for (const part of [0, 1, 2])
    ids.push(await platform.createPost(to, post(`part ${part}`, "part", part), signal));
  const postsToRetract = async (): Promise<void> => {
    for (const id of ids) await platform.deletePost(to, id, signal);
  };
  await platform.deletePost(to, ids[0] ?? "", signal);
  slack.fail("chat.delete", { kind: "rate-limited", retryAfterSeconds: 1 });
  await expect(postsToRetract()).rejects.toMatchObject({ kind: "rate-limited" });
  await expect.poll(() => postsToRetract().then(() => "done", String), { timeout: 60_000 }).toBe("done");
  expect(slack.calls("chat.delete")).toHaveLength(3);
  expect(slack.posts("C1", to.ts)).toEqual([]);
});

test("a name that failed to load is looked up again, and a changed one is noticed", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
  await using bench = await openSlackBench({ clock, isSocketMode: true });
  const { slack, accepted } = bench;
  const nameNow = async (): Promise<string | undefined> => {
    const ts = await slack.say({ channel: "C1", user: "U9", text: "hello", mention: true });
    const inbound = accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
    return inbound?.kind === "said" ? inbound.message.author.name : undefined;
  };
  slack.addPerson("U9", "Ada");
  slack.fail("users.info", { kind: "status", status: 503 });
  expect(await nameNow()).toBe("someone");
  aheadMs = 61_000;
  expect(await nameNow()).toBe("Ada");
  slack.addPerson("U9", "Ada Lovelace");
  expect(await nameNow()).toBe("Ada");
  aheadMs = 2 * 61 * 60_000;
  expect(await nameNow()).toBe("Ada Lovelace");
});

test("an answer to a command without a thread is posted in the channel itself", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = { platform: "slack", target: { team: "T1", channel: "C1", user: "U1" } };
  await platform.createPost(to, post("Found this", "done"), signal);
  await platform.showWorking(to, signal);
  expect(slack.messages.all).toMatchObject([{ channel: "C1", text: "Found this", botId: "BBOT" }]);
  expect(slack.messages.all[0]).not.toHaveProperty("threadTs");
  expect(slack.calls().filter(({ method }) => method.endsWith("etStatus"))).toEqual([]);
});

test("links in an answer get no previews", async () => {
  await using bench = await openSlackBench();
  const to = await asked(bench);
  await bench.platform.createPost(to, post("https://example.com/?leak=1", "done"), signal);
  expect(bench.slack.calls("chat.postMessage")).toMatchObject([
    { args: { unfurl_links: "false", unfurl_media: "false" } },
  ]);
});

test("the longest post, full of mentions, fits and pings no one", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  const text = "<!channel> <@U1> `<#C1>` ".repeat(1_000).slice(0, platform.limits.postChars);
  const id = await platform.createPost(to, post(text, "writing"), signal);
  const worst = "<!".repeat(platform.limits.postChars / 2);
  await platform.editPost(to, id, post(worst, "done"), signal);
  const [shown] = slack.posts("C1", to.ts);
  for (const version of [shown, ...(shown?.edits ?? [])]) {
    expect(JSON.stringify([version?.text, version?.blocks])).not.toMatch(/<[!@#]/u);
  }
  expect(shown?.text.length).toBeLessThanOrEqual(3_000);
});

test("deleting a deleted post succeeds", async () => {
  await using bench = await openSlackBench();
  const { platform } = bench;
  const to = await asked(bench);
  const id = await platform.createPost(to, post("x", "writing"), signal);
  await platform.deletePost(to, id, signal);
  await expect(platform.deletePost(to, id, signal)).resolves.toBeUndefined();
});

describe("when Slack fails", () => {
  const cases: readonly (readonly [string, SlackFault, Readonly<Record<string, unknown>>])[] = [
    [
      "a rate limit",
      { kind: "rate-limited", retryAfterSeconds: 7 },
      { kind: "rate-limited", retryAfterMs: 7_000 },
    ],
    ["HTTP 503", { kind: "status", status: 503 }, { kind: "unreachable" }],
    ["a cut connection", { kind: "reset", when: "before" }, { kind: "unreachable" }],
    ["a connection cut after the call", { kind: "reset", when: "after" }, { kind: "unreachable" }],
    ["an archived channel", { kind: "error", error: "is_archived" }, { kind: "gone" }],
    ["a channel without the bot", { kind: "error", error: "not_in_channel" }, { kind: "forbidden" }],
    ["an unknown error", { kind: "error", error: "too_much_poetry" }, { kind: "rejected" }],
    ["a future error", { kind: "error", error: "error_of_next_year" }, { kind: "rejected" }],
    ["an internal error", { kind: "error", error: "internal_error" }, { kind: "unreachable" }],
  ];
  test.each(cases)(
    "a call that meets %s is a PlatformError after one attempt",
    async (_title, fault, expected) => {
      await using bench = await openSlackBench();
      const { slack, platform } = bench;
      const to = await asked(bench);
      slack.fail("chat.postMessage", fault);
      await expect(platform.createPost(to, post("x", "writing"), signal)).rejects.toMatchObject({
        name: "PlatformError",
        ...expected,
      });
      const isDone = fault.kind === "reset" && fault.when === "after";
      expect(slack.posts("C1", to.ts)).toHaveLength(isDone ? 1 : 0);
      if (fault.kind === "rate-limited") return;
      await platform.createPost(to, post("x", "writing"), signal);
      expect(slack.posts("C1", to.ts)).toHaveLength(isDone ? 2 : 1);
    },
  );

  test("with a rate limit of an hour, no replica calls within the hour", async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
    await using bench = await openSlackBench({ clock });
    const { slack, platform } = bench;
    const to = await asked(bench);
    const other = await bench.join();
    const id = await platform.createPost(to, post("x", "writing"), signal);
    const hour: SlackFault = { kind: "rate-limited", retryAfterSeconds: 3_600 };
    for (const method of ["chat.update", "chat.postMessage"]) slack.fail(method, hour);
    const edit = () => editPlanned(other, { to, id, post: post("y", "done"), kind: "final" }, signal);
    const create = () => createPlanned(other, { to, post: post("z", "done", 1), kind: "final" }, signal);
    await expect(platform.editPost(to, id, post("y", "done"), signal)).rejects.toThrow("rate limit");
    await expect(platform.createPost(to, post("z", "done", 1), signal)).rejects.toThrow("rate limit");
    aheadMs = 3_500_000;
    await expect(edit()).rejects.toMatchObject({ kind: "rate-limited", retryAfterMs: expect.any(Number) });
    await expect(create()).rejects.toMatchObject({ kind: "rate-limited" });
    expect(slack.faultsLeft("chat.update") + slack.faultsLeft("chat.postMessage")).toBe(0);
    expect(slack.posts("C1", to.ts).map(({ text }) => text)).toEqual(["x"]);
    aheadMs = 3_610_000;
    await edit();
    await create();
    expect(slack.posts("C1", to.ts).map(({ text }) => text)).toEqual(["y", "z"]);
  });

  test("a rate limit of one method does not affect the others", async () => {
    await using bench = await openSlackBench();
    const { slack, platform } = bench;
    const to = await asked(bench);
    slack.fail("chat.postMessage", { kind: "rate-limited", retryAfterSeconds: 60 });
    const [slow, fast] = await Promise.allSettled([
      platform.createPost(to, post("x", "writing"), signal),
      platform.createPost(to, post("y", "writing"), signal),
    ]);
    expect([slow.status, fast.status].toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("by hanging, the caller's signal ends the wait with its own reason", async () => {
    await using bench = await openSlackBench();
    const { slack, platform } = bench;
    const to = await asked(bench);
    slack.fail("chat.postMessage", { kind: "hang" });
    const caller = new AbortController();
    const posting = platform.createPost(to, post("x", "writing"), caller.signal);
    caller.abort(new Error("Shutting down"));
    await expect(posting).rejects.toThrow("Shutting down");
  });

  test("with a revoked token, health says so until the token works again", async () => {
    await using bench = await openSlackBench();
    const { slack, platform } = bench;
    const to = await asked(bench);
    expect(platform.health()).toEqual({ ok: true, why: "" });
    slack.revoke(slack.settings.botToken);
    await expect(platform.createPost(to, post("x", "writing"), signal)).rejects.toMatchObject({
      // The post is written when the token works again.
      kind: "unreachable",
    });
    expect(platform.health()).toEqual({ ok: false, why: "Slack refuses the bot token (token_revoked)" });
    slack.restore(slack.settings.botToken);
    await platform.createPost(to, post("x", "writing"), signal);
    expect(platform.health().ok).toBe(true);
  });
});

test("an author whose name fails to load gets a stand-in name", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  slack.fail("users.info", { kind: "hang" });
  const startedAtMs = Date.now();
  await slack.say({ channel: "D1", user: "U1", text: "hello" });
  expect(Date.now() - startedAtMs).toBeLessThan(2_000);
  expect(accepted.inbounds).toMatchObject([{ message: { author: { id: "T1:U1", name: "someone" } } }]);
});

test("a name is looked up once", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  slack.addPerson("U1", "Ada");
  await slack.say({ channel: "D1", user: "U1", text: "hello" });
  await slack.say({ channel: "D1", user: "U1", wire: "hello <@U1>" });
  expect(slack.calls("users.info")).toHaveLength(1);
  expect(accepted.inbounds).toMatchObject([{}, { message: { author: { name: "Ada" }, text: "hello @Ada" } }]);
});

test("unrelated top-level messages cause no look-ups of names", async () => {
  await using bench = await openSlackBench();
  await bench.slack.say({ channel: "C1", user: "U1", text: "lunch?" });
  expect(bench.slack.calls("users.info")).toHaveLength(0);
});

test("a growing post shows nothing broken, and a complete one what the model wrote", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await asked(bench);
  const shown = (): string => markdownOf(slack.posts("C1", to.ts)[0] ?? { blocks: [] });
  const id = await platform.createPost(to, post("**It", "writing"), signal);
  expect(shown()).toBe("**It**");
  await platform.editPost(to, id, post("| a | b |\n|--", "writing"), signal);
  expect(shown()).toBe("…");
  await platform.editPost(to, id, post("```\nlet a", "writing"), signal);
  expect(shown()).toBe("```\nlet a\n```");
  await platform.editPost(to, id, post("```\nlet a", "done"), signal);
  expect(shown()).toBe("```\nlet a");
});
