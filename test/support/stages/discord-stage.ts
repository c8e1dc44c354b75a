import { setTimeout } from "node:timers/promises";

import { DiscordStandIn } from "../discord/discord-stand-in.ts";
import type { Stage } from "./stage.ts";

/** Threads that the bot opens under mentions in a Discord channel. */
export async function openDiscordStage(): Promise<Stage> {
  const discord = new DiscordStandIn();
  await discord.listen(0);
  return {
    name: "Discord",
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    // The bot says that it is ready only after it has logged in.
    connect: async () => undefined,
    openRoom: (name) => {
      let thread: string | undefined;
      let last = "";
      return {
        say: async (text) => {
          if (thread === undefined) {
            // A thread has the id of the message that it hangs on.
            thread = discord.say({ channel: discord.channel, user: name, text, mention: true });
            last = thread;
          } else {
            // People can go on in a thread once the bot has opened it.
            while (!discord.world.channels.has(thread)) await setTimeout(10);
            last = discord.say({ channel: thread, user: name, text });
          }
        },
        editFirst: async (text) => discord.edit(thread ?? "", text),
        deleteFirst: async () => discord.delete(thread ?? ""),
        deleteLast: async () => discord.delete(last),
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
