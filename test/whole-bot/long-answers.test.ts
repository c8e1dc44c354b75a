import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { latest } from "../support/discord/world.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 50 };

/** 30,000 characters with all that is hard to cut. */
function longAnswer(): string {
  const sections = Array.from({ length: 40 }, (_, at) =>
    [
      `## Part ${at} 👩‍👩‍👧`,
      "Some words that say a little about this part, and some more that say the rest of it. ".repeat(4),
      "שלום עולם, זהו טקסט מימין לשמאל. مرحبا بالعالم، هذا نص من اليمين إلى اليسار.",
      `| a | b |\n| - | - |\n| ${at} | 😀 |`,
      at % 10 === 3
        ? `\`\`\`\`md\n\`\`\`ts\n${`const part${at} = "😀";\n`.repeat(150)}\`\`\`\n\`\`\`\``
        : `\`\`\`ts\nconst part${at} = 1;\n\`\`\``,
    ].join("\n\n"),
  );
  return sections.join("\n\n");
}

/** More than 32,000 characters without a code block that could be a file. */
function longProse(): string {
  const part = [
    "## Part 👨‍👩‍👧‍👦",
    "> ```sh\n> ls | wc\n> ```",
    "- שלום **עולם**\n  - [x] مرحبا `بالعالم`\n\n    ```md\n    ~~~\n    a\n    ~~~\n    ```",
    `| a | b |\n| - | -: |\n${"| x \\| y | 😀 |\n".repeat(10)}`,
    "Some words that say a little about this part. ".repeat(10),
  ].join("\n\n");
  return Array.from({ length: 50 }, (_, at) => part.replace("Part", `Part ${at}`))
    .join("\n\n")
    .trim();
}

/** Without fences, which posts close and open again, white space, and the marks of headings and tables. */
const visible = (text: string): string =>
  text.replaceAll(/^[> ]*(?:`{3,}|~{3,})[^\n]*$/gmu, "").replaceAll(/[\s#*|—-]/gu, "");

test("an answer of 30,000 characters arrives complete on each platform, and goes with its files", async () => {
  const answer = longAnswer();
  const prose = longProse();
  for (const { length } of [answer, prose]) expect(length).toBeGreaterThan(30_000);
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const slack = opened.use(await startSlackStandIn());
  slack.addPerson("U1", "Ada");
  const discord = opened.use(new DiscordStandIn());
  await discord.listen(0);
  const openai = opened.use(
    await startOpenAiStandIn({
      respond: ({ messages }) => says(/prose/u.test(messages.at(-1)?.text ?? "") ? prose : answer),
    }),
  );
  const bot = opened.use(
    await startBot({
      DATA_DIR: folder.path,
      OPENAI_BASE_URL: openai.baseUrl,
      OPENAI_API_KEY: openai.apiKey,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
    }),
  );
  await using page = await connectWeb(bot.url);
  page.send({ type: "say", id: "m1", conversation: "c1", text: "tell" });
  const asked = await slack.say({ channel: "D1", user: "U1", text: "tell" });
  const inChannel = await slack.say({ channel: "C1", user: "U1", text: "tell", mention: true });
  const channel = discord.directWith("Ada");
  const question = discord.say({ channel, user: "Ada", text: "tell" });

  expect((await page.until("done")).text).toBe(answer);

  const onDiscord = () =>
    [...discord.world.messages.values()].filter(({ author, isDeleted }) => author.isBot && !isDeleted);
  const attached = () => onDiscord().flatMap((message) => latest(message).files ?? []);
  await expect.poll(attached, patiently).toHaveLength(1);
  expect(attached()).toMatchObject([{ name: "part-0.md", bytes: Buffer.from(`${answer}\n`) }]);
  expect(onDiscord()).toHaveLength(4);

  const shared = (place = "D1") =>
    slack.uploads.all.filter(({ sharedIn, isDeleted }) => sharedIn === place && !isDeleted);
  const onSlack = (place: string, thread: string): string => {
    const posts = slack.posts(place, thread).filter(({ files }) => files.length === 0);
    let whole = posts.map(markdownOf).join("\n");
    for (const { name, text = "" } of shared(place)) whole = whole.replace(`(see ${name})`, () => text);
    return visible(whole);
  };
  await expect.poll(() => shared(), patiently).toHaveLength(4);
  expect(onSlack("D1", asked)).toBe(visible(answer));
  await expect.poll(() => shared("C1"), patiently).toHaveLength(4);
  expect(onSlack("C1", inChannel)).toBe(visible(answer));

  // Too long for four posts.
  const inProse = await slack.say({ channel: "C2", user: "U1", text: "prose", mention: true });
  await expect.poll(() => shared("C2"), patiently).toMatchObject([{ name: "part-0.md", text: `${prose}\n` }]);
  expect(slack.posts("C2", inProse).filter(({ files }) => files.length === 0)).toHaveLength(4);

  await slack.delete("D1", asked);
  discord.delete(question);
  await expect.poll(() => shared(), patiently).toEqual([]);
  await expect.poll(() => slack.posts("D1", asked), patiently).toEqual([]);
  await expect.poll(onDiscord, patiently).toEqual([]);
});
