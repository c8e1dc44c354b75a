import { describe, expect, test } from "vitest";

import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { openBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

// They wait for the client, which pauses before each connection.
describe.concurrent("a gap in the events", () => {
  test("is reported when Discord starts a new session, and not when it resumes the old one", async () => {
    await using discord = await startDiscordStandIn();
    const openedAtMs = Date.now();
    await using bot = await openBot(discord);
    discord.gateway.isRefusing = true;
    discord.gateway.cut();
    await eventually(() => expect(bot.platform.health().ok).toBe(false));
    discord.gateway.isRefusing = false;
    await eventually(() => expect(bot.platform.health().ok).toBe(true));
    expect(bot.gaps).toEqual([]);

    discord.gateway.forgetsSessions = true;
    const lostAtMs = Date.now();
    discord.gateway.cut();
    await eventually(() => expect(bot.gaps).toHaveLength(1));
    const [gap] = bot.gaps;
    expect(gap?.fromMs).toBeGreaterThanOrEqual(openedAtMs);
    expect(gap?.fromMs).toBeLessThanOrEqual(lostAtMs);
    expect(gap?.toMs).toBeGreaterThan(lostAtMs);
    expect(gap?.toMs).toBeLessThanOrEqual(Date.now());
  });

  test("begins with the last acknowledged heartbeat, since a dead connection is noticed late", async () => {
    await using discord = await startDiscordStandIn();
    discord.gateway.heartbeatMs = 400;
    await using bot = await openBot(discord);
    const beats = () => discord.gateway.received.filter(({ op }) => op === 1).length;
    await eventually(() => expect(beats()).toBeGreaterThan(2));
    const [beforeMs, before] = [Date.now(), beats()];
    await eventually(() => expect(beats()).toBeGreaterThan(before));
    discord.gateway.forgetsSessions = true;
    discord.gateway.mute();
    const mutedAtMs = Date.now();
    discord.say({ channel: discord.channel, user: "Ann", text: "Into the void", mention: true });
    await eventually(() => expect(bot.gaps).toHaveLength(1));

    expect(bot.core.said).toEqual([]);
    expect(bot.gaps[0]?.fromMs).toBeLessThanOrEqual(mutedAtMs);
    // Not the whole session: a heartbeat had proved that it was heard.
    expect(bot.gaps[0]?.fromMs).toBeGreaterThanOrEqual(beforeMs - 500);
  });
});
