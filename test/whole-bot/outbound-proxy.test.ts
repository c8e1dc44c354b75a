import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { makeCertificate, opensslIsMissing } from "../support/certificate.ts";
import { openConnectProxy } from "../support/connect-proxy.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const names = [
  "slack.invalid",
  "link.invalid",
  "discord.invalid",
  "gateway.invalid",
  "model.invalid",
] as const;

describe.skipIf(opensslIsMissing !== undefined)("where a proxy is the only way out", () => {
  test("the model, Slack, Discord and their WebSockets are reached through it", async () => {
    using folder = temporaryFolder();
    const { key, certificate } = makeCertificate(folder.path, undefined, names);
    await using model = await startMarkedModel();
    await using slack = await startSlackStandIn();
    await using discord = new DiscordStandIn();
    await discord.listen(0);
    slack.sockets.origin = "https://link.invalid";
    discord.gateway.url = "wss://gateway.invalid";
    const ports = [slack.apiUrl, slack.apiUrl, discord.apiUrl, discord.apiUrl, model.baseUrl].map((url) =>
      Number(new URL(url).port),
    );
    const hosts = new Map(names.map((name, at) => [name, ports[at] ?? 0]));
    const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
    await using proxy = await openConnectProxy(hosts, tls);
    await using bot = await startBot({
      DATA_DIR: folder.path,
      NODE_EXTRA_CA_CERTS: certificate,
      https_proxy: proxy.url,
      OPENAI_API_KEY: model.settings["OPENAI_API_KEY"] ?? "",
      OPENAI_BASE_URL: "https://model.invalid/v1",
      SLACK_API_URL: "https://slack.invalid/api/",
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
      DISCORD_API_URL: "https://discord.invalid/api",
      DISCORD_TOKEN: discord.token,
    });
    const root = await slack.say({ channel: "C1", user: "Uada", text: "hello Slack", mention: true });
    await expect
      .poll(() => JSON.stringify(slack.posts("C1", root)), patiently)
      .toContain(`hello Slack ${endMark}`);
    const thread = discord.say({
      channel: discord.channel,
      user: "ada",
      text: "hello Discord",
      mention: true,
    });
    await expect
      .poll(() => discord.posts(thread).map(({ content }) => content), patiently)
      .toEqual([expect.stringContaining(`hello Discord ${endMark}`)]);
    expect(new Set(proxy.tunnels)).toEqual(new Set(names.map((name) => `${name}:443`)));
    const lines = bot.log.filter((line) => line["msg"] === "outgoing connections go through a proxy");
    expect(lines.map((line) => line["proxy"])).toEqual([new URL(proxy.url).host]);
    expect(bot.output()).not.toContain("sesame");
  });
});
