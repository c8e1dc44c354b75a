import { describe, expect, test } from "vitest";

import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

describe("the connection at its start", () => {
  test("fails on a token that Discord rejects, and says what to do", async () => {
    await using discord = await startDiscordStandIn();
    discord.revokeToken();

    await expect(openBot(discord)).rejects.toThrow(
      /^DISCORD_TOKEN: Discord rejected it\. Create a new token at https/u,
    );
  });

  test("fails on a token that only the gateway rejects, too", async () => {
    await using discord = await startDiscordStandIn();
    discord.gateway.refusesTokens = true;

    await expect(openBot(discord)).rejects.toThrow("DISCORD_TOKEN: Discord rejected it.");
  });

  test("continues when Discord is down for a while", async () => {
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

describe("the connection while it runs", () => {
  test.each([
    ["is cut", "cut"],
    ["is asked to reconnect", "askToReconnect"],
  ] as const)("receives what was sent while it %s", async (_, way) => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    discord.gateway.isRefusing = true;
    discord.gateway[way]();
    await eventually(() => expect(discord.gateway.connections).toBe(0));
    const ids = ["One", "Two"].map((text) =>
      discord.say({ channel: discord.channel, user: "Ann", text, mention: true }),
    );
    discord.gateway.isRefusing = false;
    await eventually(() => expect(bot.core.said).toHaveLength(2));

    expect(bot.core.said.map(({ message }) => message.id)).toEqual(ids);
    expect(discord.gateway.received.some(({ op }) => op === 6)).toBe(true);
    await eventually(() => expect(bot.platform.health()).toEqual({ ok: true, why: "" }));
  });

  test("is unhealthy until it is restored", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    discord.gateway.isRefusing = true;
    discord.gateway.cut();
    await eventually(() =>
      expect(bot.platform.health()).toEqual({ ok: false, why: "reconnecting to Discord" }),
    );
    discord.gateway.isRefusing = false;

    await eventually(() => expect(bot.platform.health().ok).toBe(true));
  });

  test.each([
    [4004, "DISCORD_TOKEN: Discord rejected it. Create a new token at https://"],
    [4010, "Discord requires more shards"],
    [4011, "Discord requires more shards"],
    [4012, "Update the program"],
    [4013, "Update the program"],
    [4014, "Enable the Message Content intent at https://"],
  ])(
    "ends with a fatal error, once, on a final close (%i), and health gives the reason",
    async (code, why) => {
      await using discord = await startDiscordStandIn();
      await using bot = await openBot(discord);
      discord.gateway.close(code);
      await eventually(() => expect(bot.fatal).toHaveLength(1));

      expect(bot.fatal[0]).toContain(why);
      expect(bot.platform.health()).toEqual({ ok: false, why: bot.fatal[0] });
      // A later fault tells nothing new.
      discord.revokeToken();
      const to = { platform: "discord", target: { how: "reply", channel: "1", message: "1", user: "2" } };
      await expect(bot.platform.createPost(to, post("A"), never)).rejects.toThrow("post a message");
      expect(bot.fatal).toHaveLength(1);
      expect(bot.platform.health().why).toBe(bot.fatal[0]);
    },
  );

  test("ends with a fatal error, once, when the token is revoked, and waiting posts are not lost", async () => {
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

  test("passes on a repeated event under the same id", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "Twice", mention: true });
    await eventually(() => expect(bot.core.said).toHaveLength(1));
    const tries = bot.core.tries;
    discord.repeat(id);
    await eventually(() => expect(bot.core.tries).toBe(tries + 1));

    expect(bot.core.said.map(({ dedupeId }) => dedupeId)).toEqual([`discord:${id}`]);
  });
});

describe("a message that can't be stored", () => {
  test("is kept and stored later, in order within a channel, and health reports it", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const direct = discord.directWith("Ann");
    bot.core.outages = Infinity;
    const ids = ["One", "Two", "Three"].map((text) => discord.say({ channel: direct, user: "Ann", text }));
    await eventually(() =>
      expect(bot.platform.health()).toEqual({ ok: false, why: "Discord messages wait for the store" }),
    );
    bot.core.outages = 0;
    await eventually(() => expect(bot.core.said).toHaveLength(3));

    expect(bot.core.said.map(({ message }) => message.id)).toEqual(ids);
    await eventually(() => expect(bot.platform.health()).toEqual({ ok: true, why: "" }));
  });

  test("in one channel does not delay another channel", async () => {
    await using discord = await startDiscordStandIn();
    const core = new Core();
    const gate = Promise.withResolvers<void>();
    core.gate = gate.promise;
    await using bot = await openBot(discord, core);
    discord.say({ channel: discord.directWith("Ann"), user: "Ann", text: "Stuck" });
    await eventually(() => expect(core.tries).toBe(1));
    core.gate = Promise.resolve();
    discord.say({ channel: discord.directWith("Bob"), user: "Bob", text: "Free" });

    await eventually(() => expect(bot.core.said.map(({ message }) => message.text)).toEqual(["Free"]));
    gate.resolve();
  });
});

describe("closing the connection", () => {
  test("waits for messages that are being stored", async () => {
    await using discord = await startDiscordStandIn();
    const core = new Core();
    const gate = Promise.withResolvers<void>();
    core.gate = gate.promise;
    const bot = await openBot(discord, core);
    discord.say({ channel: discord.channel, user: "Ann", text: "Last words", mention: true });
    await eventually(() => expect(core.tries).toBe(1));
    bot.clock.speed = 1;
    const stopping = bot[Symbol.asyncDispose]();
    await eventually(() => expect(discord.gateway.connections).toBe(0));
    expect(core.said).toEqual([]);
    gate.resolve();
    await stopping;

    expect(core.said).toHaveLength(1);
  });

  test("does not hang on a store that is down", async () => {
    await using discord = await startDiscordStandIn();
    const bot = await openBot(discord);
    bot.core.outages = Infinity;
    discord.say({ channel: discord.channel, user: "Ann", text: "Lost", mention: true });
    await eventually(() => expect(bot.core.tries).toBeGreaterThan(1));
    await bot[Symbol.asyncDispose]();

    expect(bot.log.map(({ message }) => message)).toContain(
      "Discord events are dropped; messages are fetched later, check the store",
    );
  });

  test("does not hang on a store that never responds", async () => {
    await using discord = await startDiscordStandIn();
    const core = new Core();
    core.gate = new Promise(() => undefined);
    const bot = await openBot(discord, core);
    discord.say({ channel: discord.channel, user: "Ann", text: "Lost", mention: true });
    await eventually(() => expect(core.tries).toBe(1));
    await bot[Symbol.asyncDispose]();

    expect(bot.log.map(({ message }) => message)).toContain(
      "Discord events are dropped; messages are fetched later, check the store",
    );
  });

  test("twice has the same effect as once", async () => {
    await using discord = await startDiscordStandIn();
    const bot = await openBot(discord);
    await bot[Symbol.asyncDispose]();
    await bot[Symbol.asyncDispose]();

    await eventually(() => expect(discord.gateway.connections).toBe(0));
  });
});
