import { textIn } from "../discord/cards.ts";
import type { DiscordStandIn } from "../discord/discord-stand-in.ts";
import { latest } from "../discord/world.ts";
import { Answers, type Tour } from "./answers.ts";
import { byBot } from "./page.ts";

/** A thread that the bot opens, and a slash command in it. */
export async function playDiscord(tour: Tour, discord: DiscordStandIn): Promise<void> {
  const { page, patience } = tour;
  page.heading("Discord: #general");
  const { world } = discord;
  const answers = new Answers(tour, () =>
    [...world.messages.values()]
      .filter(({ author, isDeleted }) => author === world.bot && !isDeleted)
      .map((message) => ({ id: message.id, text: latest(message).content })),
  );

  const user = "Ada";
  let thread = "";
  await answers.follow(async () => {
    const text = "The stand-up moves to 10:15.";
    page.line({ who: user, text: `@threadkeeper ${text}` });
    // A thread has the id of the message that it hangs on.
    thread = discord.say({ channel: discord.channel, user, text, mention: true });
    const { name } = await patience.until("a thread under the mention", () => world.channels.get(thread));
    page.note(`The bot opens a thread: “${name}”`);
  }, "It gave me no earlier messages");

  await answers.follow(() => {
    const text = "When is the stand-up?";
    page.line({ who: user, text, isInThread: true });
    discord.say({ channel: thread, user, text });
  }, "- Ada: “The stand-up moves to 10:15.”");

  page.line({ who: user, text: "/summary", isInThread: true });
  const interaction = discord.slash({ channel: thread, user, name: "summary" });
  const summary = await patience.until("a summary for Ada alone", () =>
    interaction.original.map(textIn).find((text) => text.includes("- Ada: “When is the stand-up?”")),
  );
  page.line(byBot({ text: summary, isInThread: true, onlyTo: user }));
}
