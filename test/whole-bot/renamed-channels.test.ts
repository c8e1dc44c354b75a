import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a channel with a new id keeps its conversations, recall and links, also after a restart", async () => {
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  using folder = temporaryFolder();
  slack.addChannel("C1", { members: ["UBOT", "U1"] });
  slack.addChannel("C9", { members: ["UBOT", "U1"] });
  const start = async () => {
    const bot = await startBot({
      ...model.settings,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      DATA_DIR: folder.path,
    });
    slack.deliverTo(`${bot.url}/slack/events`);
    return bot;
  };
  const person = { user: "U1" };
  const first = await start();
  const root = await slack.say({
    ...person,
    channel: "C1",
    text: "The harbour opens at seven",
    mention: true,
  });
  const answers = (channel: string) => slack.posts(channel, root).map(({ text }) => text);
  await expect.poll(() => answers("C1").join(), patiently).toContain("You said");
  // Finished, so that it is remembered.
  await slack.say({ ...person, channel: "C1", text: "And when does it close?", threadTs: root });
  await expect.poll(() => model.requests.length, patiently).toBe(2);
  await expect.poll(() => answers("C1").length, patiently).toBe(2);
  await slack.rename("C1", "C2");

  const going = async (text: string, count: number) => {
    await slack.say({ ...person, channel: "C2", text, threadTs: root });
    await expect.poll(() => model.requests.length, patiently).toBe(count);
    await expect.poll(() => answers("C2").length, patiently).toBe(count);
    return JSON.stringify(model.requests.at(-1)?.messages);
  };
  const prompt = await going("Thanks, noted", 3);
  expect(prompt).toContain("The harbour opens at seven");
  expect(prompt).toContain("You said: ");
  expect(await first.stop()).toBe(0);
  await using second = await start();
  expect(await going("Still there?", 4)).toContain("Thanks, noted");

  await slack.command({ ...person, channel: "C9", command: "/recall", text: "harbour" });
  const told = () => slack.whispers.map(({ text }) => text).join("\n");
  await expect.poll(told, patiently).toContain(`/archives/C2/p${root.replace(".", "")}`);
  expect(told()).not.toContain("/archives/C1/");
  expect(second.log.filter(({ level }) => level === "error")).toEqual([]);
});
