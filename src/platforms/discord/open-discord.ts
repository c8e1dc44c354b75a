import { GatewayCloseCodes } from "discord.js";

import { logIn, makeClient } from "./connection/log-in.ts";
import { contentHidden, PermanentStartError } from "./connection/operator-messages.ts";
import { DiscordPlatform, type DiscordOptions } from "./discord-platform.ts";

const maxStartAttempts = 5;
/** https://docs.discord.com/developers/events/gateway#session-start-limit-object: one identification in five seconds. */
const identifyPauseMs = 5_000;

/**
 * Resolves when the bot receives events and its commands are registered. @throws {Error} that names the setting and
 * says what to do.
 */
export async function openDiscord(options: DiscordOptions): Promise<DiscordPlatform> {
  const { log, clock } = options;
  const never = new AbortController().signal;
  let { readsContent = true } = options.settings;
  for (let attempts = 1; ; attempts += 1) {
    const settings = { ...options.settings, readsContent };
    const client = makeClient(settings);
    const platform = new DiscordPlatform(client, { ...options, settings });
    try {
      await logIn(client, settings);
      await platform.registerCommands();
      return platform;
    } catch (error) {
      await platform[Symbol.asyncDispose]();
      if (lacksContentIntent(error) && readsContent) {
        log.warn({}, contentHidden);
        readsContent = false;
        await clock.sleep(identifyPauseMs, never);
        continue;
      }
      if (error instanceof PermanentStartError) throw error;
      const why = error instanceof Error ? error.message : "unknown fault";
      if (attempts === maxStartAttempts) {
        throw new Error(`DISCORD_TOKEN: can't connect to Discord: ${why}`, { cause: error });
      }
      log.warn({ why, attempts }, "could not connect to Discord; trying again");
      await clock.sleep(1_000 * 2 ** (attempts - 1), never);
    }
  }
}

function lacksContentIntent(error: unknown): boolean {
  return error instanceof PermanentStartError && error.closeCode === GatewayCloseCodes.DisallowedIntents;
}
