import { describe, expect, test, vi } from "vitest";

import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post } from "../../support/discord/open-bot.ts";

describe("starting", () => {
  test("a token that Discord refuses is named, with what to do", async () => {
    await using discord = await startDiscordStandIn();
    discord.revokeToken();

    await expect(openBot(discord)).rejects.toThrow(
      /^DISCORD_TOKEN: Discord rejected it\. Create a new token at https/u,
    );
  });

  test("a token that only the gateway refuses is named as well", async () => {
    await using discord = await startDiscordStandIn();
    discord.gateway.refusesTokens = true;

    await expect(openBot(discord)).rejects.toThrow("DISCORD_TOKEN: Discord rejected it.");
  });

  test("a missing Message Content intent is named, with where to enable it", async () => {
    await using discord = await startDiscordStandIn();
    discord.gateway.isContentAllowed = false;

    await expect(openBot(discord)).rejects.toThrow(/Enable the Message Content intent at https/u);
  });

  test("goes on when Discord is down for a while", async () => {
    await using discord = await startDiscordStandIn();
    discord.fail({ path: /gateway\/bot$/u, status: 503, times: 3 });
    await using bot = await openBot(discord);

    const { health } = bot.platform;
    expect(health()).toEqual({ ok: true, why: "" });
    expect(discord.calls("GET", /gateway\/bot$/u)).toHaveLength(4);
  });

  test("gives up when Discord stays down", async () => {
    await using discord = await startDiscordStandIn();
    discord.fail({ path: /gateway\/bot$/u, status: 503, times: 100 });

    await expect(openBot(discord)).rejects.toThrow(/^DISCORD_TOKEN: can't connect to Discord/u);
    expect(discord.calls("GET", /gateway\/bot$/u)).toHaveLength(5);
  });
});

describe("while it runs", () => {
  test.each([
    ["is cut", "cut"],
    ["is asked to reconnect", "askToReconnect"],
  ] as const)("hears what was said while the connection %s", async (_, way) => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    discord.gateway[way]();
    await vi.waitFor(() => expect(discord.gateway.connections).toBe(0), { interval: 5 });
    const ids = ["One", "Two"].map((text) =>
      discord.say({ channel: discord.channel, user: "Ann", text, mention: true }),
    );
    await vi.waitFor(() => expect(bot.core.said).toHaveLength(2), { timeout: 10_000 });

    expect(bot.core.said.map(({ message }) => message.id)).toEqual(ids);
    expect(discord.gateway.received.some(({ op }) => op === 6)).toBe(true);
    await vi.waitFor(() => expect(bot.platform.health()).toEqual({ ok: true, why: "" }));
  });

  test("its health is red until the connection is back", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    discord.gateway.isRefusing = true;
    discord.gateway.cut();
    await vi.waitFor(() =>
      expect(bot.platform.health()).toEqual({ ok: false, why: "reconnecting to Discord" }),
    );
    discord.gateway.isRefusing = false;

    await vi.waitFor(() => expect(bot.platform.health().ok).toBe(true), { timeout: 10_000 });
  });

  test.each([
    [4004, "DISCORD_TOKEN: Discord rejected it. Create a new token at https://"],
    [4010, "Discord requires more shards"],
    [4011, "Discord requires more shards"],
    [4012, "Update the program"],
    [4013, "Update the program"],
    [4014, "Enable the Message Content intent at https://"],
  ])("a close for good (%i) is fatal, once, health is red and says why", async (code, why) => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    discord.gateway.close(code);
    await vi.waitFor(() => expect(bot.fatal).toHaveLength(1));

    expect(bot.fatal[0]).toContain(why);
    expect(bot.platform.health()).toEqual({ ok: false, why: bot.fatal[0] });
    // A later fault tells nothing new.
    discord.revokeToken();
    const to = { platform: "discord", target: { how: "reply", channel: "1", message: "1", user: "2" } };
    await expect(bot.platform.createPost(to, post("A"), never)).rejects.toThrow("post a message");
    expect(bot.fatal).toHaveLength(1);
    expect(bot.platform.health().why).toBe(bot.fatal[0]);
  });

  test("a token that dies is fatal, once, and what was to be written is not lost for it", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    discord.revokeToken();
    const to = {
      platform: "discord",
      target: { how: "reply", channel: discord.channel, message: "1", user: "2" },
    };
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(bot.platform.createPost(to, post("A"), never)).rejects.toMatchObject({
        kind: "unreachable",
      });
    }

    expect(bot.fatal).toEqual([expect.stringContaining("DISCORD_TOKEN: Discord rejected it.")]);
    expect(bot.platform.health()).toEqual({ ok: false, why: bot.fatal[0] });
  });

  test("the same event twice is handed over under the same id", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "Twice", mention: true });
    await vi.waitFor(() => expect(bot.core.said).toHaveLength(1));
    const tries = bot.core.tries;
    discord.repeat(id);
    await vi.waitFor(() => expect(bot.core.tries).toBe(tries + 1));

    expect(bot.core.said.map(({ dedupeId }) => dedupeId)).toEqual([`discord:${id}`]);
  });
});

describe("when messages can't be stored", () => {
  test("they are kept and stored later, in order within a channel, and health says so meanwhile", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const direct = discord.directWith("Ann");
    bot.core.outages = 8;
    const ids = ["One", "Two", "Three"].map((text) => discord.say({ channel: direct, user: "Ann", text }));
    await vi.waitFor(
      () => expect(bot.platform.health()).toEqual({ ok: false, why: "Discord messages wait for the store" }),
      { interval: 1 },
    );
    await vi.waitFor(() => expect(bot.core.said).toHaveLength(3));

    expect(bot.core.said.map(({ message }) => message.id)).toEqual(ids);
    await vi.waitFor(() => expect(bot.platform.health()).toEqual({ ok: true, why: "" }));
  });

  test("one channel's trouble does not hold up another", async () => {
    await using discord = await startDiscordStandIn();
    const core = new Core();
    const gate = Promise.withResolvers<void>();
    core.gate = gate.promise;
    await using bot = await openBot(discord, core);
    discord.say({ channel: discord.directWith("Ann"), user: "Ann", text: "Stuck" });
    await vi.waitFor(() => expect(core.tries).toBe(1));
    core.gate = Promise.resolve();
    discord.say({ channel: discord.directWith("Bob"), user: "Bob", text: "Free" });

    await vi.waitFor(() => expect(bot.core.said.map(({ message }) => message.text)).toEqual(["Free"]));
    gate.resolve();
  });
});

describe("stopping", () => {
  test("waits for what is being stored", async () => {
    await using discord = await startDiscordStandIn();
    const core = new Core();
    const gate = Promise.withResolvers<void>();
    core.gate = gate.promise;
    const bot = await openBot(discord, core);
    discord.say({ channel: discord.channel, user: "Ann", text: "Last words", mention: true });
    await vi.waitFor(() => expect(core.tries).toBe(1));
    bot.clock.speed = 1;
    const stopping = bot[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(discord.gateway.connections).toBe(0));
    expect(core.said).toEqual([]);
    gate.resolve();
    await stopping;

    expect(core.said).toHaveLength(1);
  });

  test("does not hang on a store that is away for good", async () => {
    await using discord = await startDiscordStandIn();
    const bot = await openBot(discord);
    bot.core.outages = Infinity;
    discord.say({ channel: discord.channel, user: "Ann", text: "Lost", mention: true });
    await vi.waitFor(() => expect(bot.core.tries).toBeGreaterThan(1));
    await bot[Symbol.asyncDispose]();

    expect(bot.log.map(({ message }) => message)).toContain(
      "Discord events are dropped; messages are fetched later, check the store",
    );
  });

  test("does not hang on a store that never answers", async () => {
    await using discord = await startDiscordStandIn();
    const core = new Core();
    core.gate = new Promise(() => undefined);
    const bot = await openBot(discord, core);
    discord.say({ channel: discord.channel, user: "Ann", text: "Lost", mention: true });
    await vi.waitFor(() => expect(core.tries).toBe(1));
    await bot[Symbol.asyncDispose]();

    expect(bot.log.map(({ message }) => message)).toContain(
      "Discord events are dropped; messages are fetched later, check the store",
    );
  });

  test("twice is as good as once", async () => {
    await using discord = await startDiscordStandIn();
    const bot = await openBot(discord);
    await bot[Symbol.asyncDispose]();
    await bot[Symbol.asyncDispose]();

    await vi.waitFor(() => expect(discord.gateway.connections).toBe(0));
  });
});
