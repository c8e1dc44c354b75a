import { startDiscordStandIn } from "../discord/discord-stand-in.ts";
import { startSlackStandIn } from "../slack/slack-stand-in.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { playDiscord } from "./discord-scene.ts";
import { Page } from "./page.ts";
import { Patience, TourError } from "./patience.ts";
import { Program } from "./program.ts";
import { playSlack } from "./slack-scene.ts";

/** Plays the tour and prints it. @returns the exit code: 0 when the bot did all that is told. */
export async function playTour(stream: NodeJS.WritableStream, patienceMs: number): Promise<number> {
  const page = new Page(stream);
  try {
    await play(page, new Patience(patienceMs));
    return 0;
  } catch (error) {
    if (!(error instanceof TourError)) throw error;
    page.note(`The tour ends here. ${error.message}`);
    return 1;
  }
}

async function play(page: Page, patience: Patience): Promise<void> {
  using folder = temporaryFolder();
  // Where the tour is stopped half way, nothing else removes it.
  const removeFolder = () => folder[Symbol.dispose]();
  process.once("exit", removeFolder);
  using cleanUp = new DisposableStack();
  cleanUp.defer(() => process.off("exit", removeFolder));
  await using slack = await startSlackStandIn();
  await using discord = await startDiscordStandIn();
  await using program = await Program.start({
    DATA_DIR: folder.path,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_APP_TOKEN: slack.settings.appToken,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_TOKEN: discord.token,
  });
  page.note(
    "This is the real program, with its demo model. Slack and Discord are small stand-ins on this machine.",
  );
  const tour = { program, page, patience };
  await playSlack(tour, slack);
  await playDiscord(tour, discord);
}
