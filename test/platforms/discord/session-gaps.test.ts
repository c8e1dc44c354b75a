import { describe, expect, test, vi } from "vitest";

import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { openBot } from "../../support/discord/open-bot.ts";

const untilReconnected = { timeout: 20_000 };

describe("a gap in the events", () => {
  test("is reported when Discord starts a new session, and not when it resumes the old one", async () => {
    await using discord = await startDiscordStandIn();
    const openedAtMs = Date.now();
    await using bot = await openBot(discord);
    discord.gateway.cut();
    await vi.waitFor(() => expect(bot.platform.health().ok).toBe(false), { interval: 5 });
    await vi.waitFor(() => expect(bot.platform.health().ok).toBe(true), untilReconnected);
    expect(bot.gaps).toEqual([]);

    discord.gateway.forgetsSessions = true;
    const lostAtMs = Date.now();
    discord.gateway.cut();
    await vi.waitFor(() => expect(bot.gaps).toHaveLength(1), untilReconnected);
    const [gap] = bot.gaps;
    expect(gap?.fromMs).toBeGreaterThanOrEqual(openedAtMs);
    expect(gap?.fromMs).toBeLessThanOrEqual(lostAtMs);
    expect(gap?.toMs).toBeGreaterThan(lostAtMs);
    expect(gap?.toMs).toBeLessThanOrEqual(Date.now());
  }, 30_000);

  test("begins with the last acknowledged heartbeat, since a dead connection is noticed late", async () => {
    await using discord = await startDiscordStandIn();
    discord.gateway.heartbeatMs = 400;
    await using bot = await openBot(discord);
    const beats = () => discord.gateway.received.filter(({ op }) => op === 1).length;
    await vi.waitFor(() => expect(beats()).toBeGreaterThan(2), untilReconnected);
    const [beforeMs, before] = [Date.now(), beats()];
    await vi.waitFor(() => expect(beats()).toBeGreaterThan(before), untilReconnected);
    discord.gateway.forgetsSessions = true;
    discord.gateway.mute();
    const mutedAtMs = Date.now();
    discord.say({ channel: discord.channel, user: "Ann", text: "Into the void", mention: true });
    await vi.waitFor(() => expect(bot.gaps).toHaveLength(1), untilReconnected);

    expect(bot.core.said).toEqual([]);
    expect(bot.gaps[0]?.fromMs).toBeLessThanOrEqual(mutedAtMs);
    // Not the whole session: a heartbeat had proved that it was heard.
    expect(bot.gaps[0]?.fromMs).toBeGreaterThanOrEqual(beforeMs - 500);
  }, 30_000);
});
