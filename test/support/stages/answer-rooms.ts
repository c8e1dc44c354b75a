import { expect } from "vitest";

import { startBot, type BotProcess } from "../bot-process.ts";
import { buttonsIn, labelOf } from "../discord/buttons.ts";
import { DiscordStandIn } from "../discord/discord-stand-in.ts";
import { contentsOf } from "../discord/waits.ts";
import { startOpenAiStandIn } from "../openai/openai-stand-in.ts";
import { says, type Script } from "../openai/script.ts";
import { elementsIn } from "../slack/shown-actions.ts";
import { markdownOf } from "../slack/slack-messages.ts";
import { startSlackStandIn } from "../slack/slack-stand-in.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 10 };

/** A bot on Slack and Discord, or several over one Redis. The model gives the answers of `script` in turn. */
export async function openTown(more: Readonly<Record<string, string>> = {}, isSocketMode = false) {
  const opened = new AsyncDisposableStack();
  const script: Script[] = [];
  const model = opened.use(await startOpenAiStandIn({ respond: () => script.shift() ?? says("Nothing.") }));
  const slack = opened.use(await startSlackStandIn());
  slack.addChannel("C1", { members: ["UBOT", "U1", "U2"] });
  const discord = opened.use(new DiscordStandIn());
  await discord.listen(0);
  const folder = opened.use(temporaryFolder());
  const { botToken, appToken, signingSecret } = slack.settings;
  const settings = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: botToken,
    ...(isSocketMode ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret }),
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: model.apiKey,
    ...more,
  };
  const deliverTo = ({ url }: BotProcess): void => {
    if (!isSocketMode) slack.deliverTo(`${url}/slack/events`);
  };
  return {
    model,
    slack,
    discord,
    /** What the model is to answer next. */
    next: (...answers: readonly Script[]) => void script.push(...answers),
    deliverTo,
    start: async (): Promise<BotProcess> => {
      const path = "REDIS_URL" in more ? opened.use(temporaryFolder()).path : folder.path;
      const bot = opened.use(await startBot({ ...settings, DATA_DIR: path }));
      deliverTo(bot);
      return bot;
    },
    lastPrompt: () => JSON.stringify(model.requests.at(-1)?.messages),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** What `openTown` opens. */
export type Town = Awaited<ReturnType<typeof openTown>>;

/** What a person sees in a thread or a DM, on either platform. */
export interface Room {
  readonly ids: () => readonly string[];
  readonly shown: () => readonly string[];
  /** Under each post. */
  readonly labels: () => readonly (readonly string[])[];
  /** Under the last post. */
  readonly press: (user: string, label: string, times?: number) => Promise<() => Promise<void>>;
  readonly say: (text: string) => Promise<unknown>;
  /** What was said in private. */
  readonly told: () => readonly string[];
}

/** A thread on Slack that begins with a question. */
export async function onSlack({ slack }: Town, channel: string, text: string): Promise<Room> {
  const root = await slack.say({ channel, user: "U1", text, mention: true });
  const posts = () => slack.posts(channel, root).filter(({ isDeleted }) => !isDeleted);
  const buttonsOf = (blocks: readonly unknown[]) =>
    elementsIn(blocks).filter(({ type, label }) => type !== "overflow" && label !== "Stop");
  return {
    ids: () => posts().map(({ ts }) => ts),
    shown: () => posts().map(markdownOf),
    labels: () => posts().map(({ blocks }) => buttonsOf(blocks ?? []).map(({ label }) => label)),
    press: async (user, label, times = 1) => {
      const { ts: messageTs = "", blocks = [] } = posts().at(-1) ?? {};
      const value = buttonsOf(blocks).find((each) => each.label === label)?.value ?? "none";
      const press = { channel, user, messageTs, value, times, actionId: "threadkeeper_press_0" };
      const again = async () => expect(await slack.pressButton(press)).toMatchObject({ isAcked: true });
      await again();
      return again;
    },
    say: (more) => slack.say({ channel, user: "U1", text: more, mention: true, threadTs: root }),
    told: () => slack.whispers.map((each) => markdownOf(each) || each.text),
  };
}

/** A thread or a DM on Discord that begins with a question. */
export async function onDiscord({ discord }: Town, channel: string, text: string): Promise<Room> {
  const id = discord.say({ channel, user: "Ana", text, mention: true });
  const room = () => (discord.world.channels.has(id) ? id : channel);
  const posts = () => discord.posts(room()).filter(({ isDeleted }) => !isDeleted);
  const pressed: ReturnType<typeof discord.pressUnder>[] = [];
  return {
    ids: () => posts().map((post) => post.id),
    shown: () => posts().map(({ content }) => content),
    labels: () => posts().map(({ buttons }) => buttons.filter((label) => label !== "Stop")),
    press: async (user, label, times = 1) => {
      const message = posts().at(-1)?.id ?? "";
      const components = discord.world.messages.get(message)?.versions.at(-1)?.components;
      const customId = buttonsIn(components).find((each) => labelOf(each) === label)?.custom_id ?? "none";
      const again = async () => {
        const press = discord.pressUnder({ message, user, label, customId, times });
        pressed.push(press);
        await expect.poll(() => press.callbacks.length, patiently).toBeGreaterThan(0);
      };
      await again();
      return again;
    },
    say: async (more) => discord.say({ channel: room(), user: "Ana", text: more, mention: true }),
    told: () => pressed.flatMap(({ followUps }) => contentsOf(followUps)),
  };
}
