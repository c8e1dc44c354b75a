import { describe, expect, test } from "vitest";

import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "../../support/slack/slack-bench.ts";
import type { SlackChannel } from "../../support/slack/slack-channels.ts";
import { scopesOfManifest } from "../../support/slack/slack-scopes.ts";

const signal = new AbortController().signal;
const bot = "UBOT";

/** A workspace with a channel of each kind; the question comes from CHERE. */
async function openTown(options: SlackBenchOptions = {}): Promise<SlackBench> {
  const bench = await openSlackBench(options);
  const { slack } = bench;
  slack.addPerson(bot, "threadkeeper", { isBot: true });
  slack.addPerson("UADA", "Ada");
  slack.addPerson("UBOB", "Bob");
  slack.addPerson("UJIRA", "Jira", { isBot: true });
  slack.addPerson("UGUEST", "Gus", { isGuest: true });
  slack.addPerson("USINGLE", "Sim", { isSingleChannelGuest: true });
  slack.addPerson("USTRANGER", "Sid", { team: "T2", isStranger: true });
  slack.addPerson("USHADOW", "Sha", { isStranger: true });
  slack.addPerson("UPARTNER", "Pat", { team: "T2" });
  slack.addPerson("UGONE", "Gil", { isDeleted: true });
  const members = [bot, "UADA", "UBOB", "UJIRA"];
  slack.addChannel("CHERE", { members });
  slack.addChannel("CPUBLIC", { members: [] });
  slack.addChannel("COLD", { members: [], isArchived: true });
  slack.addChannel("CGUEST", { members: [bot, "UGUEST"] });
  slack.addChannel("CPRIVATE", { members: [bot, "UADA", "UGUEST"], isPrivate: true });
  slack.addChannel("CHIDDEN", { members: ["UADA"], isPrivate: true });
  slack.addChannel("CEXT", { members, isExtShared: true });
  slack.addChannel("CPENDING", { members, isPendingExtShared: true });
  slack.addChannel("CORG", { members, isOrgShared: true });
  slack.addChannel("GGROUP", { members });
  return bench;
}

const everywhere = "CPUBLIC COLD CGUEST CPRIVATE CHIDDEN CEXT CPENDING CORG GGROUP DADA CNOWHERE"
  .split(" ")
  .map((channel) => `T1:${channel}`);

async function readableBy(
  { platform }: SlackBench,
  channel: string,
  person?: string,
): Promise<readonly string[]> {
  const readers = { place: `T1:${channel}`, ...(person === undefined ? {} : { person: `T1:${person}` }) };
  const readable = await platform.readable(readers, everywhere, signal);
  return readable.places.map((place) => place.slice("T1:".length));
}

/** Makes Slack's lists fail, so that channels are looked up one by one. */
function refuseLists({ slack }: SlackBench): void {
  for (const method of ["users.conversations", "conversations.list"])
    slack.fail(method, { kind: "error", error: "unknown_method" }, 99);
}

test("a channel of full members may read the workspace's public channels, and no others", async () => {
  await using bench = await openTown();
  expect(await readableBy(bench, "CHERE")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
  expect(await readableBy(bench, "CPUBLIC")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
  expect(await readableBy(bench, "DADA")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
});

test.each(["UGUEST", "USINGLE", "USTRANGER", "USHADOW", "UPARTNER", "UGONE", "UNOBODY"])(
  "a channel with %s in it may read nothing from elsewhere",
  async (member) => {
    await using bench = await openTown();
    const { slack } = bench;
    slack.addChannel("CMIXED", { members: [bot, "UADA", member] });
    if (member === "UNOBODY") slack.fail("users.info", { kind: "error", error: "user_not_found" }, 9);
    expect(await readableBy(bench, "CMIXED")).toEqual([]);
  },
);

test.each(["CEXT", "CPENDING", "CORG", "DGUEST", "DSTRANGER"])(
  "%s may read nothing from elsewhere",
  async (channel) => {
    await using bench = await openTown();
    expect(await readableBy(bench, channel)).toEqual([]);
  },
);

test("a full member may read public channels, and private ones they are in", async () => {
  await using bench = await openTown();
  expect(await readableBy(bench, "CEXT", "UADA")).toEqual(["CPUBLIC", "COLD", "CGUEST", "CPRIVATE"]);
  expect(await readableBy(bench, "CEXT", "UBOB")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
});

test("a guest may read only channels they are in, and a person of another workspace nothing", async () => {
  await using bench = await openTown();
  expect(await readableBy(bench, "CGUEST", "UGUEST")).toEqual(["CGUEST", "CPRIVATE"]);
  expect(await readableBy(bench, "CGUEST", "USINGLE")).toEqual([]);
  for (const person of ["USTRANGER", "UPARTNER", "UGONE", "UNOBODY"]) {
    expect(await readableBy(bench, "CEXT", person)).toEqual([]);
  }
});

test("a group DM is readable from nowhere else, even if Slack lists its members", async () => {
  const scopes = [...scopesOfManifest(), "mpim:read"];
  await using bench = await openTown({ slack: { scopes } });
  expect(await readableBy(bench, "CHERE", "UADA")).not.toContain("GGROUP");
  expect(await readableBy(bench, "GGROUP")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
});

test("nothing is readable across workspaces", async () => {
  await using bench = await openTown();
  const { platform, slack } = bench;
  const calls = slack.calls().length;
  const nothing = { places: [], unknown: [] };
  expect(await platform.readable({ place: "T1:CHERE" }, ["T2:CPUBLIC"], signal)).toEqual(nothing);
  expect(await platform.readable({ place: "T2:CHERE" }, ["T1:CPUBLIC"], signal)).toEqual(nothing);
  const stranger = { place: "T1:CHERE", person: "T2:UADA" };
  expect(await platform.readable(stranger, ["T1:CPUBLIC"], signal)).toEqual(nothing);
  expect(await platform.readable({ place: "T1:CHERE" }, ["T1:DADA"], signal)).toEqual(nothing);
  expect(slack.calls()).toHaveLength(calls);
});

describe("the number of calls", () => {
  /** Adds this many people to the workspace. */
  function crowd({ slack }: SlackBench, size: number): readonly string[] {
    const people = Array.from({ length: size }, (_, index) => `UP${index}`);
    for (const person of people) slack.addPerson(person, person);
    return people;
  }

  test("a few people are looked up one by one, many by one list for all channels", async () => {
    await using bench = await openTown();
    const { slack } = bench;
    await readableBy(bench, "CHERE");
    expect([slack.calls("users.info"), slack.calls("users.list")].map(({ length }) => length)).toEqual([
      3, 0,
    ]);
    const people = crowd(bench, 999);
    slack.addChannel("CCROWD", { members: [bot, ...people] });
    slack.addChannel("COTHERS", { members: [bot, ...people.slice(0, 500), "UGUEST"] });
    expect(await readableBy(bench, "CCROWD")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
    expect(await readableBy(bench, "COTHERS")).toEqual([]);
    // More than a thousand people make two pages.
    expect([slack.calls("users.info"), slack.calls("users.list")].map(({ length }) => length)).toEqual([
      3, 2,
    ]);
  });

  test("more than a thousand members count as unknown, unless a person's own list has the channel", async () => {
    await using bench = await openTown();
    const members = [bot, ...crowd(bench, 1_000)];
    bench.slack.addChannel("CALL", { members });
    bench.slack.addChannel("CBIG", { members, isPrivate: true });
    expect(await readableBy(bench, "CALL")).toEqual([]);
    const readers = { place: "T1:CHERE", person: "T1:UP1" };
    const asked = async () => (await bench.platform.readable(readers, ["T1:CBIG"], signal)).places;
    expect(await asked()).toEqual(["T1:CBIG"]);
    await using other = await openTown();
    refuseLists(other);
    other.slack.addPerson("UP1", "P");
    other.slack.addChannel("CBIG", { members, isPrivate: true });
    expect((await other.platform.readable(readers, ["T1:CBIG"], signal)).places).toEqual([]);
  });

  test("a thousand channels are known from lists, for a whole channel, a member and a guest", async () => {
    await using bench = await openTown();
    const { slack, platform } = bench;
    const places = (kind: string) => Array.from({ length: 700 }, (_, index) => `T1:${kind}${index}`);
    const add = (kind: string, channel: SlackChannel) => {
      for (const place of places(kind)) slack.addChannel(place.slice("T1:".length), channel);
    };
    add("COPEN", { members: [bot] });
    add("CSECRET", { members: [bot, "UADA"], isPrivate: true });
    add("CWITHGUEST", { members: [bot, "UGUEST"] });
    const all = [...places("COPEN"), ...places("CSECRET"), ...places("CWITHGUEST")];
    const read = async (person?: string) => {
      const readers = { place: "T1:CHERE", ...(person === undefined ? {} : { person: `T1:${person}` }) };
      return platform.readable(readers, all, signal);
    };
    const open = [...places("COPEN"), ...places("CWITHGUEST")];
    expect(await read()).toEqual({ places: open, unknown: [] });
    expect(await read("UADA")).toEqual({ places: all, unknown: [] });
    expect(await read("UBOB")).toEqual({ places: open, unknown: [] });
    expect(await read("UGUEST")).toEqual({ places: places("CWITHGUEST"), unknown: [] });
    const count = (method: string) => slack.calls(method).length;
    // Only CHERE is looked up by itself. The lists: three pages of the bot's channels, one of each person's.
    expect(["conversations.info", "users.conversations", "conversations.list"].map(count)).toEqual([1, 6, 0]);
  });

  test("channels that the bot has left come from the workspace's list", async () => {
    await using bench = await openTown();
    const left = Array.from({ length: 60 }, (_, index) => `T1:CLEFT${index}`);
    for (const place of left) bench.slack.addChannel(place.slice("T1:".length), { members: ["UADA"] });
    const readable = await bench.platform.readable({ place: "T1:CHERE" }, left, signal);
    expect(readable).toEqual({ places: left, unknown: [] });
    expect(bench.slack.calls("conversations.info")).toHaveLength(1);
  });

  test("channels in no list are looked up a few at a time, others each time, the rest being unknown", async () => {
    await using bench = await openTown();
    refuseLists(bench);
    const many = Array.from({ length: 60 }, (_, index) => `T1:COPEN${index}`);
    for (const place of many) bench.slack.addChannel(place.slice("T1:".length), { members: [bot] });
    const counts: number[][] = [];
    for (let round = 0; round < 3; round += 1) {
      const { places, unknown } = await bench.platform.readable({ place: "T1:CHERE" }, many, signal);
      counts.push([places.length, unknown.length]);
    }
    expect(counts).toEqual([
      [20, 40],
      [40, 20],
      [60, 0],
    ]);
  });

  test("a listed channel without its flags is looked up, not guessed", async () => {
    await using bench = await openTown();
    const { slack, platform } = bench;
    slack.addChannel("CSHORT", { members: [bot], isListedShort: true });
    slack.addChannel("CSHARED", { members: [bot], isListedShort: true, isExtShared: true });
    const places = ["T1:CSHORT", "T1:CSHARED"];
    expect(await platform.readable({ place: "T1:CHERE" }, places, signal)).toEqual({
      places: ["T1:CSHORT"],
      unknown: [],
    });
  });

  test("channels are cached for a minute, memberships for ten", async () => {
    let passedMs = 0;
    const clock: Clock = { ...systemClock, nowMs: () => Date.now() + passedMs };
    await using bench = await openTown({ clock });
    const { slack } = bench;
    await readableBy(bench, "CHERE");
    const before = slack.calls().length;
    // A refused call is made again.
    const refused = () => slack.calls().filter(({ error }) => error !== undefined).length;
    const refusals = refused();
    await readableBy(bench, "CHERE");
    expect(slack.calls()).toHaveLength(before + refusals);
    slack.addChannel("CPUBLIC", { members: [], isPrivate: true });
    slack.addChannel("CGUEST", { members: [bot, "UGUEST"], isPrivate: true });
    slack.addPerson("UBOB", "Bob", { isGuest: true });
    passedMs = 61_000;
    expect(await readableBy(bench, "CHERE")).toEqual(["COLD"]);
    passedMs = 601_000;
    expect(await readableBy(bench, "CHERE")).toEqual([]);
  });
});

describe("an answer that Slack does not give", () => {
  test("about one place leaves out that place", async () => {
    await using bench = await openTown();
    refuseLists(bench);
    bench.slack.fail("conversations.info", { kind: "status", status: 503 }, 1, "CPUBLIC");
    bench.slack.fail("conversations.info", { kind: "error", error: "internal_error" }, 1, "COLD");
    expect(await readableBy(bench, "CHERE")).toEqual(["CGUEST"]);
    bench.slack.fail("conversations.members", { kind: "status", status: 503 }, 1, "CPRIVATE");
    expect(await readableBy(bench, "CHERE", "UADA")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
  });

  test("about the readers means no", async () => {
    await using bench = await openTown();
    bench.slack.fail("users.info", { kind: "status", status: 503 });
    expect(await readableBy(bench, "CHERE", "UADA")).toEqual([]);
    bench.slack.fail("users.info", { kind: "rate-limited", retryAfterSeconds: 1 });
    expect(await readableBy(bench, "CHERE")).toEqual([]);
    // Not before the Retry-After of one second.
    await expect
      .poll(() => readableBy(bench, "CHERE"), { timeout: 60_000 })
      .toEqual(["CPUBLIC", "COLD", "CGUEST"]);
  });

  test("about the members of a big channel means no, and is requested again after a minute", async () => {
    let passedMs = 0;
    const clock: Clock = { ...systemClock, nowMs: () => Date.now() + passedMs };
    await using bench = await openTown({ clock });
    const { slack } = bench;
    slack.addChannel("CCROWD", { members: Array.from({ length: 20 }, (_, index) => `UP${index}`) });
    slack.fail("users.list", { kind: "rate-limited", retryAfterSeconds: 30 });
    expect(await readableBy(bench, "CCROWD")).toEqual([]);
    expect(await readableBy(bench, "CCROWD")).toEqual([]);
    expect(slack.calls("users.list")).toHaveLength(0);
    passedMs = 61_000;
    expect(await readableBy(bench, "CCROWD")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
  });

  test("in time is there for the next caller", async () => {
    await using bench = await openTown();
    const { slack, platform } = bench;
    slack.addChannel("CCROWD", { members: Array.from({ length: 20 }, (_, index) => `UP${index}`) });
    slack.fail("users.list", { kind: "latency", ms: 400 });
    const impatient = new AbortController();
    const asking = platform.readable({ place: "T1:CCROWD" }, everywhere, impatient.signal);
    await expect.poll(() => slack.faultsLeft("users.list")).toBe(0);
    impatient.abort(new Error("Too long"));
    await expect(asking).rejects.toThrow("Too long");
    await expect.poll(() => slack.calls("users.list").length).toBe(1);
    expect(await readableBy(bench, "CCROWD")).toEqual(["CPUBLIC", "COLD", "CGUEST"]);
    expect(slack.calls("users.list")).toHaveLength(1);
  });

  test("to everything is an error", async () => {
    await using bench = await openTown();
    refuseLists(bench);
    bench.slack.fail("conversations.info", { kind: "status", status: 503 }, 1, "CHERE");
    await expect(readableBy(bench, "CHERE")).rejects.toMatchObject({ kind: "unreachable" });
    bench.slack.fail("conversations.info", { kind: "rate-limited", retryAfterSeconds: 9 }, 20);
    await expect(readableBy(bench, "CHERE", "UADA")).rejects.toMatchObject({ kind: "rate-limited" });
    // A rate limit ends the look-ups: there are not eleven.
    expect(bench.slack.calls("conversations.info")).toHaveLength(0);
  });

  test("for lack of a scope is an error that names the scope", async () => {
    const scopes = scopesOfManifest().filter((scope) => scope !== "channels:read");
    await using bench = await openTown({ slack: { scopes } });
    await expect(readableBy(bench, "CHERE")).rejects.toMatchObject({
      kind: "forbidden",
      message: "Slack refused: missing_scope (it needs channels:read)",
    });
  });
});
