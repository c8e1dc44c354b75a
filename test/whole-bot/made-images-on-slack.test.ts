import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { pngFile } from "../support/files/image-files.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";
import { elementsIn } from "../support/slack/shown-actions.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const image = pngFile(64, 48);

test("a slash command on Slack shares its image once, and Regenerate in the channel shares another", async () => {
  using folder = temporaryFolder();
  await using slack = await startSlackStandIn();
  slack.addChannel("C1", { members: ["UBOT", "U1"] });
  await using openai = await startOpenAiStandIn({ respond: () => says("Sun.") });
  openai.makeImagesWith(() => ({ kind: "image", bytes: image }));
  await using bot = await startBot({
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    OPENAI_IMAGE_MODEL: "gpt-image-2.6-flare",
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_APP_TOKEN: slack.settings.appToken,
    DATA_DIR: folder.path,
  });
  await slack.command({ channel: "C1", user: "U1", command: "/imagine", text: "a fox" });
  const shared = () =>
    slack.uploads.all.filter(({ sharedIn, isDeleted }) => sharedIn === "C1" && isDeleted !== true);
  await expect.poll(() => shared().length, patiently).toBe(1);
  expect(shared()[0]).toMatchObject({ name: "image-1.png", length: image.length, text: image.toString() });
  await expect
    .poll(() => slack.whispers.map(({ text }) => text), patiently)
    .toContain("Posted for everyone here.");
  expect(openai.imageOrders).toHaveLength(1);

  const answer = () => slack.messages.all.find(({ blocks }) => JSON.stringify(blocks).includes("Regenerate"));
  await expect.poll(() => answer()?.ts, patiently).toBeDefined();
  const { ts = "", blocks } = answer() ?? {};
  const button = elementsIn(blocks ?? []).find(({ label }) => label === "Regenerate");
  const press = { actionId: button?.actionId ?? "", value: button?.value ?? "", label: "Regenerate" };
  await slack.pressButton({ channel: "C1", messageTs: ts, user: "U1", ...press });
  await expect.poll(() => openai.imageOrders.length, patiently).toBe(2);
  await expect.poll(() => shared().length, patiently).toBe(1);
  expect(bot.output()).not.toContain("a fox");
});
