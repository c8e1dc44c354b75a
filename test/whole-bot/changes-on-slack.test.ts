import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { userObject } from "../support/slack/slack-people.ts";
import { startSlackStandIn, type SlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const members = ["UBOT", "U1"];

function settingsFor(slack: SlackStandIn) {
  return {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
  };
}

/** What `/recall` in CHERE tells U2, who is in no other channel, about a word. */
async function recall(slack: SlackStandIn, word: string): Promise<string> {
  const before = slack.whispers.length;
  await slack.command({ channel: "CHERE", user: "U2", command: "/recall", text: word });
  await expect.poll(() => slack.whispers.length, patiently).toBeGreaterThan(before);
  return slack.whispers
    .slice(before)
    .map(({ text }) => text)
    .join("\n");
}

test.skipIf(redisIsMissing)("what changes in Slack counts at once for both replicas on Redis", async () => {
  await using redis = await startRedisServer();
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  using folder = temporaryFolder();
  slack.addPerson("U1", "Ada");
  slack.addChannel("CHERE", { members: [...members, "U2"] });
  slack.addChannel("CTOWN", { members });
  const settings = {
    ...model.settings,
    ...settingsFor(slack),
    DATA_DIR: folder.path,
    REDIS_URL: redis.url,
  };
  await using one = await startBot(settings);
  await using other = await startBot(settings);
  const [first, second] = [`${one.url}/slack/events`, `${other.url}/slack/events`];
  slack.deliverTo(first);
  const say = { channel: "CTOWN", user: "U1" };
  const root = await slack.say({ ...say, text: "The harbour opens at seven", mention: true });
  await expect.poll(() => slack.posts("CTOWN", root).length, patiently).toBe(1);
  await slack.echoed();
  // Both know the channel as public, and the person by her name.
  for (const url of [second, first]) {
    slack.deliverTo(url);
    await expect.poll(() => recall(slack, "harbour"), patiently).toContain("opens at seven");
    const asked = model.requests.length;
    await slack.say({ ...say, text: "Noted", threadTs: root });
    await expect.poll(() => model.requests.length, patiently).toBe(asked + 1);
  }

  slack.addChannel("CTOWN", { members, isPrivate: true });
  slack.addPerson("U1", "Ada Lovelace");
  const ts = slack.messages.nextTs();
  const notice = {
    type: "message",
    subtype: "channel_convert_to_private",
    channel: "CTOWN",
    user: "U1",
    text: "made this channel *private*",
  };
  slack.deliverTo(first);
  await slack.sendEvent({ ...notice, channel_type: "group", ts, event_ts: ts });
  const ada = userObject("U1", { name: "Ada Lovelace" }, slack.settings);
  await slack.sendEvent({ type: "user_change", user: ada, cache_ts: 1, event_ts: ts });
  expect(await recall(slack, "harbour")).toContain("Nothing found");
  slack.deliverTo(second);
  // The news passes through Redis.
  await expect
    .poll(() => recall(slack, "harbour"), { ...patiently, timeout: 40_000 })
    .toContain("Nothing found");
  const asked = model.requests.length;
  await slack.say({ ...say, text: "Who am I?", threadTs: root });
  await expect.poll(() => model.requests.length, patiently).toBe(asked + 1);
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("Ada Lovelace: Who am I?");
});

test("an answer to a person who was just deactivated ends without one, and others are answered", async () => {
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  using folder = temporaryFolder();
  await using bot = await startBot({ ...model.settings, ...settingsFor(slack), DATA_DIR: folder.path });
  slack.deliverTo(`${bot.url}/slack/events`);
  const gone = { kind: "error", error: "user_disabled" } as const;
  const posting = ["chat.startStream", "chat.postMessage", "chat.postEphemeral"];
  for (const method of [...posting, "reactions.add", "agents.sessions.setStatus"])
    for (const to of ["D1", "U1"]) slack.fail(method, gone, 50, to);
  const ts = await slack.say({ channel: "D1", user: "U1", text: "Is anybody there?" });
  const ada = userObject("U1", { name: "Ada", isDeleted: true }, slack.settings);
  await slack.sendEvent({ type: "user_change", user: ada, cache_ts: 1, event_ts: ts });
  const finished = () => bot.log.filter(({ msg }) => msg === "turn finished");
  await expect.poll(finished, patiently).toMatchObject([{ posts: 0, attempt: 0 }]);
  const root = await slack.say({ channel: "D2", user: "U2", text: "And I?" });
  await expect.poll(() => slack.posts("D2", root).length, patiently).toBe(1);
  await expect.poll(() => finished().length, patiently).toBe(2);
  expect(model.requests).toHaveLength(2);
  const posts = slack
    .calls()
    .filter(({ method, args }) => method.startsWith("chat.") && args["channel"] !== "D2");
  expect(posts).toEqual([]);
});
