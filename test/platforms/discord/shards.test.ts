import { describe, expect, test } from "vitest";

import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { openBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

/** A bot that Discord advises to open two shards, and a guild on each. */
async function startLargeBot() {
  await using starting = new AsyncDisposableStack();
  const discord = starting.use(await startDiscordStandIn());
  discord.gateway.shards = 2;
  const other = discord.world.addGuild();
  const [here, there] = [discord.channel, discord.addChannel({ guild: other }).id];
  const bot = starting.use(await openBot(discord));
  const shardOf = (guild: string) => Number((BigInt(guild) >> 22n) % 2n);
  const shards = { here: shardOf(discord.guild), there: shardOf(other) };
  const stack = starting.move();
  return { discord, bot, here, there, shards, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

// They wait for the client, which pauses before each connection.
describe.concurrent("a bot with several shards", () => {
  test("receives the guilds of every shard, and DMs, each once, and is unhealthy at once when all shards are gone", async () => {
    await using large = await startLargeBot();
    const { discord, bot, here, there, shards } = large;
    expect(discord.gateway.connections).toBe(2);
    expect(shards.here).not.toBe(shards.there);
    const ids = [here, there, discord.directWith("Ann")].map((channel) =>
      discord.say({ channel, user: "Ann", text: "Hello", mention: true }),
    );
    await eventually(() => expect(bot.core.said).toHaveLength(3));

    expect(bot.core.said.map(({ message }) => message.id).toSorted()).toEqual(ids.toSorted());
    expect(bot.core.tries).toBe(3);
    expect(bot.platform.health()).toEqual({ ok: true, why: "" });

    discord.gateway.isRefusing = true;
    discord.gateway.cut();
    await eventually(() =>
      expect(bot.platform.health()).toEqual({ ok: false, why: "reconnecting to Discord" }),
    );
  });

  test("is unhealthy while one shard is disconnected for long, works with the other, and recovers", async () => {
    await using large = await startLargeBot();
    const { discord, bot, here, there, shards } = large;
    const { health } = bot.platform;
    discord.gateway.isRefusing = true;
    discord.gateway.cut(shards.there);
    await eventually(() => expect(discord.gateway.connections).toBe(1));
    // Long enough for the client to see it: what was said there waits for the resume.
    const missed = discord.say({ channel: there, user: "Ann", text: "Waiting", mention: true });
    const heard = discord.say({ channel: here, user: "Ann", text: "Now", mention: true });
    await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toEqual([heard]));
    expect(health()).toEqual({ ok: true, why: "" });
    bot.clock.aheadMs = 16_000;
    await eventually(() =>
      expect(health()).toEqual({ ok: false, why: "reconnecting to Discord: 1 of 2 shards are disconnected" }),
    );

    discord.gateway.isRefusing = false;
    await eventually(() => expect(health()).toEqual({ ok: true, why: "" }));
    await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toEqual([heard, missed]));
    expect(bot.gaps).toEqual([]);
  });
});
