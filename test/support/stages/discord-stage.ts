import { expect } from "vitest";

import { DiscordStandIn } from "../discord/discord-stand-in.ts";
import type { Stage } from "./stage.ts";

/** Threads that the bot opens under mentions in a Discord channel. */
export async function openDiscordStage(): Promise<Stage> {
  const discord = new DiscordStandIn();
  await discord.listen(0);
  return {
    name: "Discord",
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    connect: async () => {
      await expect.poll(() => discord.gateway.connections, { timeout: 10_000 }).toBeGreaterThan(0);
    },
    openRoom: (name) => {
      let thread: string | undefined;
      return {
        say: async (text) => {
          if (thread === undefined) {
            // A thread has the id of the message that it hangs on.
            thread = discord.say({ channel: discord.channel, user: name, text, mention: true });
          } else {
            discord.say({ channel: thread, user: name, text });
          }
        },
        answers: () =>
          thread === undefined
            ? []
            : discord
                .posts(thread)
                .filter((post) => !post.isDeleted)
                .map((post) => post.content),
      };
    },
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}
