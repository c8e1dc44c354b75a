import { expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { startBot, type BotProcess } from "../support/bot-process.ts";
import { openDiscordStage } from "../support/stages/discord-stage.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark, type Room, type Stage } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

const whole = (room: Room): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));

test("threads are remembered after a restart, and twelve answers that a kill interrupted are completed, none twice", async () => {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const model = opened.use(await startMarkedModel());
  const opening: readonly Stage[] = [
    opened.use(await openSlackStage("socket")),
    opened.use(await openDiscordStage()),
    opened.use(openWebStage()),
  ];
  const settings = Object.assign(
    { ...model.settings, DATA_DIR: folder.path },
    ...opening.map((each) => each.settings),
  );
  const start = async (): Promise<BotProcess> => {
    const bot = opened.use(await startBot(settings));
    for (const stage of opening) await stage.connect(bot);
    return bot;
  };
  const known = opening.map((stage) => stage.openRoom("ada"));
  const first = await start();
  for (const room of known) {
    await room.say("The harbour opens at seven");
    await expect.poll(() => whole(room), patiently).toHaveLength(1);
  }
  expect(await first.stop()).toBe(0);

  const second = await start();
  for (const room of known) {
    await room.say("When does it open?");
    await expect.poll(() => whole(room), patiently).toHaveLength(2);
    const prompt = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text)) ?? [];
    expect(prompt).toHaveLength(3);
    expect(prompt[0]).toMatch(/^.+: The harbour opens at seven$/u);
    expect(prompt[1]).toContain("You said: ");
    expect(prompt[2]).toMatch(/^.+: When does it open\?$/u);
  }
  const rooms = Array.from({ length: 12 }, (_, index) =>
    opening[index % opening.length]?.openRoom(`person${index}`),
  ).filter((room) => room !== undefined);
  model.hold();
  await Promise.all(rooms.map((room, index) => room.say(`question ${index}`)));
  await expect.poll(() => model.underWay(), patiently).toBe(12);
  await second.kill();
  model.letGo();

  const third = await start();
  await expect.poll(() => rooms.map((room) => whole(room).length), patiently).toEqual(rooms.map(() => 1));
  await expect
    .poll(() => third.log.filter((line) => line["msg"] === "turn finished").length, patiently)
    .toBe(rooms.length);
  for (const [index, room] of rooms.entries()) {
    expect(room.answers()).toEqual([expect.stringContaining(`question ${index} ${endMark}`)]);
  }
});

test("a person's command that a kill interrupted is answered after the restart, without the model", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  const settings = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    ...model.settings,
    DATA_DIR: folder.path,
  };
  const helps = (): readonly string[] =>
    slack.whispers.map(({ text }) => text).filter((text) => text.includes("Mention me"));
  slack.fail("chat.postEphemeral", { kind: "hang" });
  {
    await using bot = await startBot(settings);
    slack.deliverTo(`${bot.url}/slack/events`);
    await slack.say({ channel: "C1", user: "U1", text: "help", mention: true });
    await expect.poll(() => slack.faultsLeft("chat.postEphemeral"), patiently).toBe(0);
    expect(helps()).toEqual([]);
    await bot.kill();
  }
  await using bot = await startBot(settings);
  slack.deliverTo(`${bot.url}/slack/events`);
  await expect.poll(helps, patiently).toHaveLength(1);
  await expect
    .poll(() => bot.log.filter((line) => line["msg"] === "command finished").length, patiently)
    .toBe(1);
  expect(helps()).toHaveLength(1);
  // In a thread that does not exist yet, nobody would see it.
  expect(slack.whispers).toMatchObject([{ channel: "C1" }]);
  expect(slack.whispers[0]).not.toHaveProperty("threadTs");
  expect(model.requests).toEqual([]);
});
