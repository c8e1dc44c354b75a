import { describe, expect, test } from "vitest";

import type { DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { CommandInbound } from "../../../src/domain/inbound.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { asList, asRecord } from "../../support/slack/untyped-json.ts";

const publish = "views.publish";
const atMs = 1_700_000_000_000;
const elsewhere = ["forget", "help", "export", "language", "length"] as const;
const [forget, help, download, language, length] = elsewhere.map((each) => `threadkeeper_home_${each}`);

function entry(channel: string, ts: string, title: string, lastAtMs = atMs): DirectoryEntry {
  const place = `T1:${channel}`;
  return { conversation: `slack:${place}:${ts}`, platform: "slack", place, title, lastAtMs };
}

/** A workspace in which Ada (U1) and Bo (U2) talk. No clock sleeps, unless the test gives one. */
async function openTown(options: SlackBenchOptions = {}): Promise<SlackBench> {
  const clock = {
    nowMs: Date.now,
    sleep: async (ms: number, signal: AbortSignal) => systemClock.sleep(Math.min(ms, 1), signal),
  };
  const bench = await openSlackBench({ clock, ...options });
  const { slack } = bench;
  slack.addPerson("UBOT", "threadkeeper", { isBot: true });
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bo");
  slack.addChannel("CPUBLIC", { members: ["UBOT", "U2"] });
  slack.addChannel("COURS", { members: ["UBOT", "U1"], isPrivate: true });
  slack.addChannel("CLEFT", { members: ["UBOT", "U2"], isPrivate: true });
  slack.addChannel("GGROUP", { members: ["UBOT", "U1", "U2"] });
  return bench;
}

const published = ({ slack }: SlackBench) => slack.homes.published.length;
const commanded = ({ accepted }: SlackBench): readonly CommandInbound[] =>
  accepted.inbounds.filter((each) => each.kind === "commanded");
const told = ({ slack }: SlackBench, channel: string) =>
  slack.messages.all.filter((each) => each.channel === channel && each.botId !== undefined).map(markdownOf);

async function opened(bench: SlackBench, user = "U1"): Promise<string> {
  const before = published(bench);
  expect(await bench.slack.homes.open(user)).toMatchObject({ isAcked: true });
  await expect.poll(() => published(bench)).toBeGreaterThan(before);
  return bench.slack.homes.textOf(user);
}

describe.each([{ isSocketMode: false }, { isSocketMode: true }])("with %o, the Home tab", (options) => {
  test("shows a person their conversations, usage and preferences, and is published to them alone", async () => {
    await using bench = await openTown(options);
    bench.accepted.writtenBy = (author) =>
      author === "T1:U1" ? [entry("COURS", "3.1", "Roof garden"), entry("D1", "2.1", "My notes")] : [];
    const text = await opened(bench);
    expect(text).toContain(`${bench.slack.apiUrl.replace(/api\/$/u, "")}archives/COURS/p31|Roof garden>`);
    expect(text).toContain("<#COURS> · <!date^1700000000^{date_short_pretty}, {time}|2023-11-14>");
    expect(text).toMatch(/archives\/D1\/p21\|My notes>\nour direct messages/u);
    expect(text.indexOf("Roof garden")).toBeLessThan(text.indexOf("My notes"));
    expect(text).toContain("*12 of 300* answers\n*2 %* of the text");
    expect(text).toContain("The language of the question");
    expect(await opened(bench, "U2")).toContain("We haven't talked yet.");
    expect(bench.slack.homes.published.map(({ user }) => user)).toEqual(["U1", "U2"]);
    await bench.slack.homes.open("U1", { tab: "messages" });
    expect(published(bench)).toBe(2);
  });
});

test("the Home tab has no conversation that its owner can no longer read, as recall decides it", async () => {
  await using bench = await openTown();
  bench.accepted.writtenBy = () => [
    entry("CPUBLIC", "1.1", "public"),
    entry("COURS", "1.2", "ours"),
    entry("CLEFT", "1.3", "left"),
    entry("GGROUP", "1.4", "group"),
    entry("D2", "1.5", "of Bo"),
    entry("CNOWHERE", "1.6", "deleted channel"),
    {
      ...entry("CPUBLIC", "1.7", "other workspace"),
      conversation: "slack:T2:CPUBLIC:1.7",
      place: "T2:CPUBLIC",
    },
  ];
  const text = await opened(bench);
  expect(text).toContain("|public>");
  expect(text).toContain("|ours>");
  for (const hidden of ["left", "group", "of Bo", "deleted", "other workspace"])
    expect(text).not.toContain(hidden);
});

test("the Home tab has no conversation in which its owner has written nothing since their last /forget me", async () => {
  const cutoffs = async (_platform: string, authors: readonly string[]) =>
    new Map(authors.filter((each) => each === "T1:U1").map((each) => [each, 1_000]));
  await using bench = await openTown({ ports: { erasureRequests: { cutoffs } } });
  bench.accepted.writtenBy = (_author, sinceMs) =>
    sinceMs > 0 ? [] : [entry("CPUBLIC", "1.1", "what others said")];
  expect(await opened(bench)).toContain("We haven't talked yet.");
  expect(await opened(bench, "U2")).toContain("what others said");
});

test("titles can neither ping, nor format, nor end their link, and 100 long ones fit", async () => {
  await using bench = await openTown();
  const hostile = "<!channel> *bold* _it_ a|b `code` <https://x.test|y> user_id & @here\nnext";
  bench.accepted.writtenBy = () => [
    entry("COURS", "1.1", hostile),
    entry("COURS", "1.2", ""),
    ...Array.from({ length: 120 }, (_, index) => entry("COURS", `2.${index}`, "&".repeat(3_000))),
  ];
  const text = await opened(bench);
  expect(text).toContain(
    "|&lt;!channel&gt; bold it ab code &lt;https://x.testy&gt; user_id &amp; @here next>",
  );
  expect(text).toContain("|(no title)>");
  expect(text).toContain("…and at least 80 more.");
  const blocks = asList(bench.slack.homes.of("U1")?.view["blocks"]).map(asRecord);
  expect(
    blocks.flatMap(({ type, text: shown }) => (type === "section" ? [asRecord(shown)["verbatim"]] : [])),
  ).not.toContain(undefined);
});

test("a person who opens the Home tab ten times a second costs one call in two seconds, with what is newest", async () => {
  const waiting: { readonly ms: number; readonly go: () => void }[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((go) => void waiting.push({ ms, go }));
  await using bench = await openTown({ clock: { nowMs: Date.now, sleep } });
  await opened(bench);
  for (let time = 0; time < 10; time += 1) await bench.slack.homes.open("U1");
  await opened(bench, "U2");
  expect(published(bench)).toBe(2);
  expect(waiting.map(({ ms }) => ms)).toEqual([2_000, 2_000]);
  bench.accepted.writtenBy = () => [entry("COURS", "1.1", "newest")];
  for (const { go } of waiting.splice(0)) go();
  await expect.poll(() => published(bench)).toBe(3);
  expect(bench.slack.homes.textOf("U1")).toContain("newest");
  await expect.poll(() => waiting.length).toBe(1);
  for (const { go } of waiting) go();
});

test("a view that another replica has published since is replaced by one that is read after it", async () => {
  await using bench = await openTown();
  await opened(bench);
  bench.accepted.writtenBy = () => [entry("COURS", "1.1", "newest")];
  await bench.slack.homes.open("U1", { hash: "1700000000.outdated" });
  await expect.poll(() => published(bench)).toBe(2);
  expect(bench.slack.homes.textOf("U1")).toContain("newest");
  expect(bench.slack.calls(publish).map(({ error, args }) => [error, args["hash"]])).toEqual([
    [undefined, undefined],
    ["hash_conflict", "1700000000.outdated"],
    [undefined, undefined],
  ]);
});

test("while Slack limits the calls or does not answer, the Home tab is shown later", async () => {
  const slept: number[] = [];
  const passedMs = () => slept.reduce((sum, ms) => sum + ms, 0);
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  await using bench = await openTown({ clock: { nowMs: () => Date.now() + passedMs(), sleep } });
  bench.slack.fail(publish, { kind: "rate-limited", retryAfterSeconds: 7 });
  bench.slack.fail(publish, { kind: "status", status: 503 });
  expect(await opened(bench)).toContain("Only you can see this page.");
  expect(slept[0]).toBeGreaterThanOrEqual(7_000);
  expect(bench.log.lines.filter(({ level }) => level === "error")).toEqual([]);
});

test("an app without a Home tab is told to its operator once, and Slack is not asked again", async () => {
  await using bench = await openTown();
  bench.slack.homes.isEnabled = false;
  for (const user of ["U1", "U2", "U1"]) {
    await bench.slack.homes.open(user);
    await expect
      .poll(() => bench.log.lines.filter(({ message }) => message.includes("no Home tab")))
      .toHaveLength(1);
  }
  bench.platform.personErased("T1:U1");
  await bench.slack.homes.open("U2");
  expect(bench.slack.calls(publish)).toHaveLength(1);
});

test("while the store is away, the Home tab says so, and what is pressed is answered by a line", async () => {
  const away = async (): Promise<never> => {
    throw new StoreError("away");
  };
  const isAway = { usage: false };
  const usage = {
    turns: { used: 1, limit: 0 },
    tokens: { used: 1, limit: 0 },
    images: { used: 2, limit: 0 },
  };
  await using bench = await openTown({ ports: { usageToday: async () => (isAway.usage ? away() : usage) } });
  expect(await opened(bench)).toContain("*1* answer\n*2* images");
  isAway.usage = true;
  bench.accepted.before = away;
  const before = published(bench);
  expect(await bench.slack.homes.press({ user: "U1", actionId: forget ?? "" })).toMatchObject({
    isAcked: true,
  });
  await expect.poll(() => published(bench)).toBeGreaterThan(before);
  expect(bench.slack.homes.textOf("U1")).toContain("I can't reach my memory right now");
  await expect
    .poll(() => told(bench, "D1"))
    .toEqual(["I can't reach my memory right now. Please try again in a few minutes."]);
  expect(bench.log.lines.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
    expect.stringContaining("a press in the Home tab could not be stored"),
    expect.stringContaining("what a Home tab shows could not be read"),
  ]);
});

describe("a press in the Home tab", () => {
  test("is a command in the DM, once for all its deliveries, and its answer is a post there", async () => {
    await using bench = await openTown();
    await opened(bench);
    await bench.slack.homes.press({ user: "U1", actionId: forget ?? "", times: 3 });
    await bench.slack.homes.press({ user: "U1", actionId: help ?? "" });
    const place = "T1:D1";
    expect(commanded(bench)).toMatchObject([
      {
        name: "forget",
        argument: "me",
        conversation: `slack:${place}`,
        place,
        isOutside: true,
        by: { id: "T1:U1" },
      },
      {
        name: "help",
        argument: "",
        conversation: `slack:${place}`,
        place,
        isOutside: true,
        by: { id: "T1:U1" },
      },
    ]);
    const [{ replyTo } = { replyTo: undefined }] = commanded(bench);
    if (replyTo === undefined) throw new Error("There is no command");
    const { signal } = new AbortController();
    const choices = [{ label: "Delete for good", name: "forget", argument: "me yes" }];
    await bench.platform.sendPrivately(replyTo, ["Sure?"], signal, { id: "o1", atMs, choices, orElse: "" });
    expect(told(bench, "D1")).toEqual(["Sure?"]);
    expect(bench.slack.whispers).toEqual([]);
    const post = bench.slack.messages.all.findLast(({ channel }) => channel === "D1");
    expect(JSON.stringify(post?.blocks)).toContain("Delete for good");
  });

  test("asks Slack for the DM where the view does not name it", async () => {
    await using bench = await openTown();
    bench.slack.homes.published.push({ user: "U2", view: { type: "home", blocks: [] }, hash: "1" });
    await bench.slack.homes.press({ user: "U2", actionId: help ?? "", isForged: true });
    expect(commanded(bench)).toMatchObject([{ name: "help", place: "T1:D2" }]);
    expect(bench.slack.calls("conversations.open")).toHaveLength(1);
  });

  test("downloads a conversation in which its person has written, and no other that their program names", async () => {
    await using bench = await openTown();
    bench.accepted.writtenBy = (author) => (author === "T1:U1" ? [entry("COURS", "1.1", "ours")] : []);
    await opened(bench);
    await opened(bench, "U2");
    const actionId = download ?? "";
    await bench.slack.homes.press({ user: "U1", actionId, value: "slack:T1:COURS:1.1" });
    await bench.slack.homes.press({ user: "U2", actionId, value: "slack:T1:COURS:1.1", isForged: true });
    await bench.slack.homes.press({ user: "U2", actionId, value: "slack:T1:D1:1.1", isForged: true });
    await bench.slack.homes.press({ user: "U2", actionId, value: "nonsense", isForged: true });
    expect(commanded(bench)).toMatchObject([
      {
        name: "export",
        conversation: "slack:T1:COURS:1.1",
        place: "T1:COURS",
        by: { id: "T1:U1" },
        replyTo: { target: { channel: "D1", user: "U1" } },
      },
    ]);
    expect(commanded(bench)[0]).not.toHaveProperty("isOutside");
  });

  test("changes a preference, which the Home tab then shows; what is no choice changes nothing", async () => {
    await using bench = await openTown();
    await opened(bench);
    const chosen = () =>
      asList(bench.slack.homes.of("U1")?.view["blocks"])
        .map((block) => asRecord(asRecord(asRecord(block)["accessory"])["initial_option"])["value"])
        .filter((value) => value !== undefined);
    expect(chosen()).toEqual(["question", "normal"]);
    await bench.slack.homes.press({ user: "U1", actionId: language ?? "", value: "de" });
    await bench.slack.homes.press({ user: "U1", actionId: length ?? "", value: "short" });
    await expect.poll(chosen).toEqual(["de", "short"]);
    await bench.slack.homes.press({
      user: "U1",
      actionId: language ?? "",
      value: "toString",
      isForged: true,
    });
    await expect.poll(() => published(bench)).toBeGreaterThan(3);
    expect(chosen()).toEqual(["de", "short"]);
    expect(await opened(bench, "U2")).toContain("Normal");
  });
});

test("after a person's data is erased, their Home tab is published again", async () => {
  await using bench = await openTown();
  bench.accepted.writtenBy = () => [entry("COURS", "1.1", "a secret plan")];
  expect(await opened(bench)).toContain("a secret plan");
  bench.accepted.writtenBy = () => [];
  bench.platform.personErased("T1:U1");
  await expect.poll(() => published(bench)).toBe(2);
  expect(bench.slack.homes.textOf("U1")).not.toContain("secret");
});

test("more people than can wait for their Home tab are told to the operator in one line", async () => {
  const { promise: never } = Promise.withResolvers<never>();
  await using bench = await openTown({ clock: { nowMs: () => atMs, sleep: () => never } });
  for (let at = 0; at < 4; at += 1) bench.slack.fail(publish, { kind: "hang" });
  for (let at = 0; at < 2_003; at += 1) bench.platform.personErased(`T1:U${at}`);
  const lines = () => bench.log.lines.filter(({ message }) => message.includes("too many people"));
  await expect.poll(lines).toMatchObject([{ level: "warn" }]);
});
