import { afterEach, assert, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import type { Readers } from "../../../src/ports/platform-access.ts";
import { permissions } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";

const { view, history, connect, administrator } = permissions;

let discord: DiscordStandIn;
let bot: OpenBot;
/** Where it is asked: a channel that everybody reads. */
let here: string;

beforeEach(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
  here = place(discord.channel);
});

afterEach(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

const place = (channel: string, guild = discord.guild) => `${guild}:${channel}`;

/** What the gateway has told before this is known. */
async function heardAll() {
  const marker = discord.say({ channel: discord.channel, user: "Zoe", text: "?", mention: true });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(marker));
}

async function forAll(...places: readonly string[]) {
  await heardAll();
  return placesOf({ place: here }, places);
}

async function placesOf(readers: Readers, places: readonly string[]): Promise<readonly string[]> {
  return (await bot.platform.readable(readers, places, never)).places;
}

async function forPerson(user: string, ...places: readonly string[]) {
  await heardAll();
  return placesOf({ place: here, person: discord.world.user(user).id }, places);
}

function designers(): string {
  const role = discord.world.roles.find(({ name }) => name === "Designers");
  assert(role);
  return role.id;
}

describe("the members of a place together", () => {
  test("may read another channel that @everyone may view with its history", async () => {
    const [first, second] = [discord.addChannel().id, discord.addChannel({ type: 5 }).id];
    const forum = discord.addChannel({ type: 15 }).id;
    expect(await forAll(place(first), place(second), place(forum))).toEqual([
      place(first),
      place(second),
      place(forum),
    ]);
  });

  test.each([
    ["may not view", view],
    ["may view without its history", history],
  ])("may not read a channel that @everyone %s", async (_, deny) => {
    const channel = discord.addChannel().id;
    discord.overwrite(channel, { id: discord.guild, deny });
    expect(await forAll(place(channel))).toEqual([]);
  });

  test("may read a channel that allows @everyone despite the server's rule, and no other", async () => {
    const [open, closed] = [discord.addChannel().id, discord.addChannel().id];
    discord.permit("@everyone", 0n);
    discord.overwrite(open, { id: discord.guild, allow: view | history });
    expect(await forAll(place(open), place(closed))).toEqual([place(open)]);
  });

  test("may not read a channel whose separate permissions are denied and allowed to @everyone", async () => {
    const channel = discord.addChannel().id;
    discord.overwrite(channel, { id: discord.guild, allow: history, deny: view });
    expect(await forAll(place(channel))).toEqual([]);
  });

  test("may not read a channel that excludes a role or person, who may be among them", async () => {
    const [role, person] = [discord.addChannel().id, discord.addChannel().id];
    discord.overwrite(role, { id: designers(), deny: view });
    discord.overwrite(person, { id: discord.world.user("Eve").id, type: 1, deny: history });
    expect(await forAll(place(role), place(person))).toEqual([]);
  });

  test("may not read a channel that admits only a role or person", async () => {
    const [role, person] = [discord.addChannel().id, discord.addChannel().id];
    const closed = { id: discord.guild, deny: view };
    discord.overwrite(role, closed, { id: designers(), allow: view });
    discord.overwrite(person, closed, { id: discord.world.user("Ann").id, type: 1, allow: view });
    expect(await forAll(place(role), place(person))).toEqual([]);
  });

  test("of a closed channel may read an open one, never the other way round", async () => {
    const closed = discord.addChannel().id;
    discord.overwrite(closed, { id: discord.guild, deny: view });
    await heardAll();
    expect(await placesOf({ place: place(closed) }, [here])).toEqual([here]);
    expect(await forAll(place(closed))).toEqual([]);
  });

  test("gain or lose access at once when a channel is opened or closed", async () => {
    const channel = discord.addChannel().id;
    expect(await forAll(place(channel))).toEqual([place(channel)]);
    discord.overwrite(channel, { id: discord.guild, deny: view });
    expect(await forAll(place(channel))).toEqual([]);
    discord.overwrite(channel);
    expect(await forAll(place(channel))).toEqual([place(channel)]);
    discord.permit("@everyone", view);
    expect(await forAll(place(channel))).toEqual([]);
  });

  test("may read the texts beside a voice channel only where they may join it", async () => {
    const [voice, stage] = [discord.addChannel({ type: 2 }).id, discord.addChannel({ type: 13 }).id];
    expect(await forAll(place(voice), place(stage))).toEqual([place(voice), place(stage)]);
    discord.overwrite(voice, { id: discord.guild, deny: connect });
    expect(await forAll(place(voice), place(stage))).toEqual([place(stage)]);
  });

  test("beside a voice channel may read nothing else, since guests may be among them", async () => {
    const voice = discord.addChannel({ type: 2 }).id;
    await heardAll();
    expect(await placesOf({ place: place(voice) }, [here])).toEqual([]);
  });

  test("may not read a channel with an age limit", async () => {
    const channel = discord.addChannel().id;
    discord.restrictAge(channel);
    expect(await forAll(place(channel))).toEqual([]);
  });
});

describe("no one outside may read", () => {
  test.each(["everybody", "a member of it"])("a private thread: %s", async (who) => {
    const thread = discord.openThread(discord.channel, { isPrivate: true });
    discord.say({ channel: thread, user: "Ann", text: "Psst", mention: true });
    await eventually(() => expect(bot.core.said).toHaveLength(1));
    const secret = bot.core.said[0]?.place ?? "";
    expect(secret).toBe(place(thread));
    expect(secret).not.toBe(here);

    expect(who === "everybody" ? await forAll(secret) : await forPerson("Ann", secret)).toEqual([]);
  });

  test("a private thread that was archived when the bot connected", async () => {
    const thread = discord.openThread(discord.channel, { isPrivate: true });
    discord.archive(thread);
    await bot[Symbol.asyncDispose]();
    bot = await openBot(discord);
    expect(await forAll(place(thread))).toEqual([]);
    expect(await forPerson("Ann", place(thread))).toEqual([]);
  });

  test("a DM, not even its own person; and from a DM nothing", async () => {
    const direct = `dm:${discord.directWith("Ann")}`;
    expect(await forAll(direct)).toEqual([]);
    expect(await forPerson("Ann", direct)).toEqual([]);
    const person = discord.world.user("Ann").id;
    const other = `dm:${discord.directWith("Bob")}`;
    expect(await placesOf({ place: direct, person }, [here, other])).toEqual([]);
  });

  test("another server, however open", async () => {
    const guild = discord.world.addGuild();
    const other = discord.addChannel({ guild }).id;
    await bot[Symbol.asyncDispose]();
    bot = await openBot(discord);
    expect(await forAll(place(other, guild))).toEqual([]);
    expect(await forPerson("Ann", place(other, guild))).toEqual([]);
    // The id of a channel there behind the name of this one.
    expect(await forAll(place(other))).toEqual([]);
  });

  test("an unknown server, or an id that is no place", async () => {
    expect(await forAll("1:2", discord.guild, `${discord.guild}:`, "", ":", "slack:1")).toEqual([]);
    expect(await placesOf({ place: "1:2" }, [here])).toEqual([]);
    expect(await placesOf({ place: "" }, [here])).toEqual([]);
  });

  test("anything, while changes of permissions are not received", async () => {
    const channel = discord.addChannel().id;
    expect(await forAll(place(channel))).toEqual([place(channel)]);
    discord.gateway.isRefusing = true;
    discord.gateway.cut();
    await eventually(async () => expect(await placesOf({ place: here }, [place(channel)])).toEqual([]));
  });

  test("a thread except through its channel, under which a forum's posts are listed", async () => {
    const forum = discord.addChannel({ type: 15 }).id;
    const post = discord.openPost(forum, { user: "Ann", text: "A question" });
    discord.say({ channel: post, user: "Ann", text: "Anybody?", mention: true });
    await eventually(() => expect(bot.core.said).toHaveLength(2));
    expect(bot.core.said.map((said) => said.place)).toEqual([place(forum), place(forum)]);
    expect(await forAll(place(forum), place(post))).toEqual([place(forum)]);

    discord.overwrite(forum, { id: discord.guild, deny: view });
    expect(await forAll(place(forum), place(post))).toEqual([]);
  });
});

describe("a person", () => {
  test("may read what their current roles allow", async () => {
    const channel = discord.addChannel().id;
    discord.overwrite(channel, { id: discord.guild, deny: view }, { id: designers(), allow: view });
    expect(await forPerson("Ann", place(channel))).toEqual([]);
    // She writes, and her roles of that time are known; then they change, and nobody tells us.
    discord.say({ channel: discord.channel, user: "Ann", text: "Hi", mention: true });
    discord.world.user("Ann").roles = [designers()];
    expect(await forPerson("Ann", place(channel))).toEqual([place(channel)]);
    discord.say({ channel: discord.channel, user: "Ann", text: "Hi", mention: true });
    discord.world.user("Ann").roles = [];
    expect(await forPerson("Ann", place(channel))).toEqual([]);
  });

  test("is excluded by a rule for them alone, and admitted by one", async () => {
    const [out, into] = [discord.addChannel().id, discord.addChannel().id];
    const ann = { id: discord.world.user("Ann").id, type: 1 } as const;
    discord.overwrite(out, { ...ann, deny: history });
    discord.overwrite(into, { id: discord.guild, deny: view }, { ...ann, allow: view });
    expect(await forPerson("Ann", place(out), place(into))).toEqual([place(into)]);
    expect(await forPerson("Bob", place(out), place(into))).toEqual([place(out)]);
  });

  test("may read everything as an administrator, except what is readable from nowhere else", async () => {
    const [closed, adult] = [discord.addChannel().id, discord.addChannel().id];
    discord.overwrite(closed, { id: discord.guild, deny: view });
    discord.restrictAge(adult);
    const thread = discord.openThread(discord.channel, { isPrivate: true });
    discord.permit("Designers", administrator);
    discord.world.user("Ann").roles = [designers()];
    expect(await forPerson("Ann", place(closed), place(adult), place(thread))).toEqual([place(closed)]);
  });

  test("who left, is a guest, or was never a member may read nothing", async () => {
    const channel = place(discord.addChannel().id);
    expect(await forPerson("Ann", channel)).toEqual([channel]);
    discord.world.user("Ann").hasLeft = true;
    expect(await forPerson("Ann", channel)).toEqual([]);
    discord.world.user("Bob").isGuest = true;
    expect(await forPerson("Bob", channel)).toEqual([]);
    expect(await placesOf({ place: here, person: "77" }, [channel])).toEqual([]);
  });

  test("is looked up once for many places, and not at all for another server's", async () => {
    const places = Array.from({ length: 20 }, () => place(discord.addChannel().id));
    await heardAll();
    const asked = () => discord.calls("GET", /members/u).length;
    expect(await forPerson("Ann", ...places)).toEqual(places);
    expect(asked()).toBe(1);
    expect(await forPerson("Ann", "dm:1", "2:3")).toEqual([]);
    expect(asked()).toBe(1);
  });

  test("who can't be looked up causes an error, not a guess", async () => {
    const channel = place(discord.addChannel().id);
    await heardAll();
    discord.fail({ path: /members/u, status: 500 });
    await expect(forPerson("Ann", channel)).rejects.toMatchObject({ kind: "unreachable" });
    discord.fail({ path: /members/u, isSilent: true });
    await expect(forPerson("Ann", channel)).rejects.toMatchObject({ kind: "unreachable" });
  });
});

describe("a channel that the gateway has not announced", () => {
  /** As when its event was lost. */
  const untold = () => discord.world.addChannel({ guild: discord.guild, name: "untold" });

  test("is looked up once, with the same rules", async () => {
    const [open, closed] = [untold(), untold()];
    closed.overwrites = [{ id: discord.guild, type: 0, allow: 0n, deny: view }];
    expect(await forAll(place(open.id), place(closed.id))).toEqual([place(open.id)]);
    expect(await forAll(place(open.id), place(closed.id))).toEqual([place(open.id)]);
    expect(discord.calls("GET", /^\/channels\/\d+$/u)).toHaveLength(2);
  });

  test("is not read when it is deleted or forbidden, and not looked up repeatedly", async () => {
    const [gone, closed] = ["99", untold()];
    closed.denied.add("view");
    for (let times = 0; times < 3; times += 1) {
      expect(await forAll(place(gone), place(closed.id))).toEqual([]);
    }
    expect(discord.calls("GET", /^\/channels\/\d+$/u)).toHaveLength(2);
    bot.clock.aheadMs = 11 * 60_000;
    closed.denied.clear();
    expect(await forAll(place(gone), place(closed.id))).toEqual([place(closed.id)]);
  });

  test("affects no known channel when Discord does not respond", async () => {
    const known = place(discord.addChannel().id);
    const silent = untold();
    discord.fail({ path: new RegExp(`/channels/${silent.id}$`, "u"), isSilent: true });
    expect(await forAll(place(silent.id), known)).toEqual([known]);
  });

  test("is one of at most ten that are looked up; known ones count all the same", async () => {
    const many = Array.from({ length: 15 }, () => place(untold().id));
    const known = place(discord.addChannel().id);
    expect(await forAll(...many, known)).toEqual([...many.slice(0, 10), known]);
    const { unknown } = await bot.platform.readable({ place: here }, [...many, known], never);
    // Those that were looked up are known now, and the next are asked for.
    expect(unknown).toEqual([]);
  });
});

test("an aborted check rejects with the reason of the signal", async () => {
  const channel = place(discord.addChannel().id);
  await heardAll();
  discord.fail({ path: /members/u, isSilent: true });
  const abort = new AbortController();
  const person = discord.world.user("Ann").id;
  const asking = bot.platform.readable({ place: here, person }, [channel], abort.signal);
  await eventually(() => expect(discord.calls("GET", /members/u)).toHaveLength(1));
  abort.abort(new Error("No longer wanted"));
  await expect(asking).rejects.toThrow("No longer wanted");
});
