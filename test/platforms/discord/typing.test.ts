import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { Typing } from "../../../src/platforms/discord/outbound/typing.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

beforeEach(() => discord.heal());

interface Question {
  readonly to: ReplyAddress;
  readonly channel: string;
}

async function ask(user: string): Promise<Question> {
  const channel = discord.directWith(user);
  const id = discord.say({ channel, user, text: "When is lunch?" });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(id));
  const to = bot.core.said.find(({ message }) => message.id === id)?.replyTo;
  assert(to);
  return { to, channel };
}

function typingIn(channel: string): number {
  return discord.calls("POST", new RegExp(`${channel}/typing$`, "u")).length;
}

/** Long enough for several more in every other channel. */
async function untilTypedElsewhere(): Promise<void> {
  const other = await ask(`Zoe ${discord.world.ids.next()}`);
  void bot.platform.showWorking(other.to, never);
  await eventually(() => expect(typingIn(other.channel)).toBeGreaterThan(3));
  await bot.platform.showRest(other.to, { isAsking: false, mayBeLeft: false }, never);
}

describe("typing goes on while an answer is prepared", () => {
  test.each([
    [
      "its first words",
      ({ to }: Question) => bot.platform.createPost(to, post("At noon", { turn: "t1" }), never),
    ],
    [
      "the end of the work",
      ({ to }: Question) => bot.platform.showRest(to, { isAsking: false, mayBeLeft: true }, never),
    ],
  ] as const)("until %s", async (_, end) => {
    const question = await ask(`Ann ${_}`);
    void bot.platform.showWorking(question.to, never);
    await eventually(() => expect(typingIn(question.channel)).toBeGreaterThan(2));
    await end(question);
    const typed = typingIn(question.channel);
    await untilTypedElsewhere();
    expect(typingIn(question.channel)).toBeLessThanOrEqual(typed + 1);
  });

  test("until the turn is aborted", async () => {
    const { to, channel } = await ask("Bob");
    const turn = new AbortController();
    void bot.platform.showWorking(to, turn.signal);
    await eventually(() => expect(typingIn(channel)).toBeGreaterThan(2));
    turn.abort();
    const typed = typingIn(channel);
    await untilTypedElsewhere();
    expect(typingIn(channel)).toBeLessThanOrEqual(typed + 1);
  });

  test("after a rate limit, and not where Discord refuses it", async () => {
    const [limited, refused] = [await ask("Dee"), await ask("Eve")];
    const path = (channel: string) => new RegExp(`${channel}/typing$`, "u");
    discord.fail({ path: path(limited.channel), status: 429, retryAfterS: 2 });
    discord.fail({ path: path(refused.channel), status: 403, code: 50_013, times: 100 });
    void bot.platform.showWorking(limited.to, never);
    void bot.platform.showWorking(refused.to, never);
    await eventually(() => expect(typingIn(limited.channel)).toBeGreaterThan(2));
    expect(typingIn(refused.channel)).toBe(1);
    await bot.platform.showRest(limited.to, { isAsking: false, mayBeLeft: false }, never);
  });
});

test("typing ends after ten minutes by itself, is one for each conversation, and begins again", async () => {
  const typed: string[] = [];
  const api = { callsLeft: 50, showTyping: async (channel: string) => void typed.push(channel) };
  const destinations = { typingChannel: ({ channel }: { channel: string }) => channel };
  const slept: number[] = [];
  const clock = { nowMs: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const typing = new Typing({ api, destinations, clock });
  const to = { platform: "discord", target: { how: "reply", channel: "1", message: "2", user: "3" } };
  for (const times of [1, 2]) {
    void typing.show(to, never);
    void typing.show(to, never);
    await eventually(() => expect(slept).toHaveLength(600 * times));
    expect(typed).toHaveLength((2 + 600 / 8 - 1) * times);
  }
});
