import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a bot installed for an organisation recalls messages of other channels in the workspace, with links", async () => {
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn({ organisation: "E1" });
  using folder = temporaryFolder();
  for (const channel of ["C1", "C2"]) slack.addChannel(channel, { members: ["UBOT", "U1"] });
  await using bot = await startBot({
    ...model.settings,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    DATA_DIR: folder.path,
  });
  slack.deliverTo(`${bot.url}/slack/events`);
  const root = await slack.say({
    channel: "C1",
    user: "U1",
    text: "The harbour opens at seven",
    mention: true,
  });
  await expect.poll(() => slack.posts("C1", root)[0]?.text, patiently).toContain("The harbour");
  await slack.say({ channel: "C1", user: "U1", text: "And closes at six", threadTs: root });
  await expect.poll(() => slack.posts("C1", root).length, patiently).toBe(2);
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("The harbour opens at seven");
  await slack.command({ channel: "C2", user: "U1", command: "/recall", text: "harbour" });
  const told = () => slack.whispers.map(({ text }) => text).join("\n");
  await expect.poll(told, patiently).toContain(`/archives/C1/p${root.replace(".", "")}`);
  expect(bot.log.filter(({ level }) => level === "error")).toEqual([]);
});
