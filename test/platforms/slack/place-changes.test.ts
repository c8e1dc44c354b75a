import { describe, expect, test } from "vitest";

import type { SlackPlatform } from "../../../src/platforms/slack/slack-platform.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import type { SlackChannel } from "../../support/slack/slack-channels.ts";
import type { SlackStandIn } from "../../support/slack/slack-stand-in.ts";

const signal = new AbortController().signal;
const bot = "UBOT";
const everyone = [bot, "UADA", "UBOB"];
const places = ["CTOWN", "CCLUB"].map((channel) => `T1:${channel}`);

interface Town extends SlackBench {
  /** What is readable, asked of each replica: in CHERE, or by a person there. */
  readonly readable: (person?: string) => Promise<readonly (readonly string[])[]>;
}

/** Two replicas; the questions come from CHERE. CTOWN is public, CCLUB private, with UADA. */
async function openTown(isSocketMode = false): Promise<Town> {
  const bench = await openSlackBench({ isSocketMode });
  const { slack } = bench;
  const replicas = [bench.platform, await bench.join()];
  slack.addPerson(bot, "threadkeeper", { isBot: true });
  slack.addPerson("UGUEST", "Gus", { isGuest: true });
  slack.addChannel("CHERE", { members: everyone });
  slack.addChannel("CTOWN", { members: everyone });
  slack.addChannel("CCLUB", { members: [bot, "UADA"], isPrivate: true });
  const readableOn = async (platform: SlackPlatform, person?: string) => {
    const readers = { place: "T1:CHERE", ...(person === undefined ? {} : { person: `T1:${person}` }) };
    return (await platform.readable(readers, places, signal)).places.map((place) => place.slice(3));
  };
  const readable = (person?: string) => Promise.all(replicas.map((each) => readableOn(each, person)));
  return { ...bench, readable };
}

function twice(...channels: readonly string[]): readonly (readonly string[])[] {
  return [channels, channels];
}

/** A notice that Slack writes into a channel: https://docs.slack.dev/reference/events/message */
function notice(subtype: string, channel: string, channelType: string) {
  const ts = "1700000000.000100";
  return {
    type: "message",
    subtype,
    channel,
    channel_type: channelType,
    user: "UADA",
    text: "made this channel",
    ts,
    event_ts: ts,
  };
}

const madePrivate = notice("channel_convert_to_private", "CTOWN", "group");
const madePublic = notice("channel_convert_to_public", "CCLUB", "channel");

interface Change {
  readonly title: string;
  /** Who asks; undefined: everybody in CHERE. */
  readonly person?: string;
  readonly channels?: Readonly<Record<string, SlackChannel>>;
  readonly change?: (slack: SlackStandIn) => void;
  readonly event: Readonly<Record<string, unknown>>;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const changes: readonly Change[] = [
  {
    title: "a channel that became private is quoted nowhere else",
    channels: { CTOWN: { members: everyone, isPrivate: true } },
    event: madePrivate,
    before: ["CTOWN"],
    after: [],
  },
  {
    title: "a channel that became public is quoted",
    channels: { CCLUB: { members: [bot, "UADA"] } },
    event: madePublic,
    before: ["CTOWN"],
    after: ["CTOWN", "CCLUB"],
  },
  {
    title: "a channel that is shared with another company is quoted nowhere else",
    channels: { CTOWN: { members: everyone, isExtShared: true } },
    event: { type: "channel_shared", channel: "CTOWN", connected_team_id: "T2" },
    before: ["CTOWN"],
    after: [],
  },
  {
    title: "a channel that this one is no longer shared with is quoted",
    channels: { CTOWN: { members: everyone, isExtShared: false } },
    event: { type: "channel_unshared", channel: "CTOWN", previously_connected_team_id: "T2" },
    change: (slack) => slack.addChannel("CTOWN", { members: everyone, isExtShared: true }),
    before: [],
    after: ["CTOWN"],
  },
  {
    title: "a deleted channel is not quoted",
    event: { type: "channel_deleted", channel: "CTOWN" },
    channels: { CTOWN: { members: [], isPrivate: true } },
    before: ["CTOWN"],
    after: [],
  },
  {
    title: "a deleted private channel is not quoted",
    person: "UADA",
    event: { type: "group_deleted", channel: "CCLUB", date_deleted: 1, actor_id: "UADA" },
    channels: { CCLUB: { members: [], isPrivate: true } },
    before: ["CTOWN", "CCLUB"],
    after: ["CTOWN"],
  },
  {
    title: "a private channel that the bot was removed from is not quoted (group_left)",
    person: "UADA",
    event: { type: "group_left", channel: "CCLUB", actor_id: "UADA" },
    channels: { CCLUB: { members: ["UADA"], isPrivate: true } },
    before: ["CTOWN", "CCLUB"],
    after: ["CTOWN"],
  },
  {
    title: "a private channel that the bot was removed from is not quoted (member_left_channel)",
    person: "UADA",
    event: { type: "member_left_channel", channel: "CCLUB", user: bot, channel_type: "C", team: "T1" },
    channels: { CCLUB: { members: ["UADA"], isPrivate: true } },
    before: ["CTOWN", "CCLUB"],
    after: ["CTOWN"],
  },
  {
    title: "a person who left a private channel reads it no longer",
    person: "UADA",
    event: { type: "member_left_channel", channel: "CCLUB", user: "UADA", channel_type: "C", team: "T1" },
    channels: { CCLUB: { members: [bot], isPrivate: true } },
    before: ["CTOWN", "CCLUB"],
    after: ["CTOWN"],
  },
  {
    title: "a person who came into a private channel reads it",
    person: "UBOB",
    event: { type: "member_joined_channel", channel: "CCLUB", user: "UBOB", channel_type: "C", team: "T1" },
    channels: { CCLUB: { members: everyone, isPrivate: true } },
    before: ["CTOWN"],
    after: ["CTOWN", "CCLUB"],
  },
  {
    title: "where a guest comes in, nothing is quoted from elsewhere",
    event: { type: "member_joined_channel", channel: "CHERE", user: "UGUEST", channel_type: "C", team: "T1" },
    channels: { CHERE: { members: [...everyone, "UGUEST"] } },
    before: ["CTOWN"],
    after: [],
  },
  {
    title: "an archived channel is quoted as before",
    event: { type: "channel_archive", channel: "CTOWN", user: "UADA" },
    channels: { CTOWN: { members: [], isArchived: true } },
    before: ["CTOWN"],
    after: ["CTOWN"],
  },
  {
    title: "an archived private channel is quoted to those who may read it",
    person: "UADA",
    event: { type: "group_archive", channel: "CCLUB", user: "UADA" },
    channels: { CCLUB: { members: [bot, "UADA"], isPrivate: true, isArchived: true } },
    before: ["CTOWN", "CCLUB"],
    after: ["CTOWN", "CCLUB"],
  },
  {
    title: "a renamed channel is quoted as before",
    event: { type: "channel_rename", channel: { id: "CTOWN", name: "village", created: 1 } },
    before: ["CTOWN"],
    after: ["CTOWN"],
  },
];

/** Makes the change in Slack, without an event. */
function make({ channels = {} }: Change, { slack }: Town): void {
  for (const [channel, traits] of Object.entries(channels)) slack.addChannel(channel, traits);
}

describe.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])("on two replicas at once, %s:", (_, isSocketMode) => {
  test.each(changes)("$title", async (each) => {
    await using town = await openTown(isSocketMode);
    each.change?.(town.slack);
    expect(await town.readable(each.person)).toEqual([each.before, each.before]);
    make(each, town);
    // Without the event, each replica goes on with what it knows.
    expect(await town.readable(each.person)).toEqual([each.before, each.before]);
    expect(await town.slack.sendEvent(each.event)).toMatchObject({ isAcked: true });
    expect(await town.readable(each.person)).toEqual([each.after, each.after]);
    expect(town.accepted.inbounds).toEqual([]);
  });
});

test("events that come twice, late or in another order leave what Slack says now", async () => {
  await using town = await openTown();
  const { slack } = town;
  expect(await town.readable()).toEqual(twice("CTOWN"));
  slack.addChannel("CTOWN", { members: everyone, isPrivate: true });
  await slack.sendEvent(madePrivate);
  expect(await town.readable()).toEqual(twice());
  slack.addChannel("CTOWN", { members: everyone });
  await slack.sendEvent({ ...madePublic, channel: "CTOWN" });
  await slack.sendEvent(madePrivate);
  await slack.sendEvent(madePrivate);
  expect(await town.readable()).toEqual(twice("CTOWN"));
});

test("a channel with a new id is looked up again under its first id", async () => {
  await using town = await openTown();
  const { slack } = town;
  expect(await town.readable()).toEqual(twice("CTOWN"));
  slack.addChannel("CTOWN", { members: everyone, isExtShared: true });
  await slack.rename("CTOWN", "CNEW");
  expect(await town.readable()).toEqual(twice());
});

test("what changes while it is read is not taken from the old answer", async () => {
  await using town = await openTown();
  const { slack, platform } = town;
  slack.fail("users.conversations", { kind: "latency", ms: 400 });
  const readable = platform.readable({ place: "T1:CHERE" }, places, signal);
  await expect.poll(() => slack.faultsLeft("users.conversations")).toBe(0);
  // Slack still lists it as public, and says the truth about the single channel.
  await slack.sendEvent(madePrivate);
  slack.fail("conversations.info", { kind: "latency", ms: 400 });
  await expect.poll(() => slack.faultsLeft("conversations.info")).toBe(0);
  await slack.sendEvent(madePrivate);
  slack.fail("conversations.info", { kind: "latency", ms: 400 });
  await expect.poll(() => slack.faultsLeft("conversations.info")).toBe(0);
  slack.addChannel("CTOWN", { members: everyone, isPrivate: true });
  expect((await readable).places).toEqual([]);
  const asked = slack.calls("conversations.info").filter(({ args }) => args["channel"] === "CTOWN");
  expect(asked.length).toBe(2);
});

test("a channel that changes costs one call at the next look, however many lists it is in", async () => {
  await using town = await openTown();
  const { slack, platform } = town;
  const read = (person: string) =>
    platform.readable({ place: "T1:CHERE", person: `T1:${person}` }, places, signal);
  for (const person of ["UADA", "UBOB"]) await read(person);
  const before = slack.calls().length;
  await slack.sendEvent({ type: "channel_rename", channel: { id: "CTOWN", name: "village" } });
  for (const person of ["UADA", "UBOB"]) await read(person);
  expect(
    slack
      .calls()
      .slice(before)
      .map(({ method }) => method),
  ).toEqual(["conversations.info"]);
});

test.each([
  { type: "channel_rename", channel: "CTOWN" },
  { type: "channel_rename", channel: { name: "village" } },
  { type: "channel_archive" },
  { type: "channel_deleted", channel: { id: "CTOWN" } },
  { type: "channel_left", channel: 7 },
  { type: "channel_id_changed", old_channel_id: "CTOWN" },
  { type: "member_left_channel", channel: "CTOWN" },
  { type: "member_left_channel", channel: "CTOWN", user: { id: "UADA" } },
  { type: "user_change" },
  { type: "user_change", user: "UADA" },
  { type: "user_change", user: { id: "UADA", deleted: "yes" } },
  { type: "message", subtype: "channel_convert_to_private" },
  { type: "tokens_revoked", tokens: "all" },
  { type: "toString" },
])("an event that is not of Slack's form is acknowledged and changes nothing: %j", async (event) => {
  await using town = await openTown();
  expect(await town.readable()).toEqual(twice("CTOWN"));
  expect(await town.slack.sendEvent(event)).toMatchObject({ isAcked: true });
  expect(await town.readable()).toEqual(twice("CTOWN"));
  expect(town.log.lines.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
});
