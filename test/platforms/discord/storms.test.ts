import { afterEach, assert, beforeEach, describe, expect, test } from "vitest";

import { ReplyWriter } from "../../../src/conversation/reply/reply-writer.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Turn } from "../../../src/domain/turn.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";
import { editPlanned } from "../../support/core/planned-writes.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { writingJournal } from "../../support/core/writing-journal.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

const commands = new Map();
const memories = { read: async () => ({}) };

/** Waits a tenth of the time. */
const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 10, until) };
const creates = { method: "POST", path: /\/messages$/u } as const;
const edits = { method: "PATCH", path: /\/messages\/\d+$/u } as const;
const openings = { method: "POST", path: /\/threads$/u } as const;

let discord: DiscordStandIn;
let core: Core;
let bot: OpenBot;

beforeEach(async () => {
  discord = await startDiscordStandIn();
  core = new Core();
  bot = await openBot(discord, core);
});

afterEach(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

async function ask(channel: string, user = "Ann"): Promise<ReplyAddress> {
  const id = discord.say({ channel, user, text: "Tell me", mention: true });
  await eventually(() => expect(core.said.map(({ message }) => message.id)).toContain(id));
  const to = core.said.find(({ message }) => message.id === id)?.replyTo;
  assert(to);
  return to;
}

/** Writes one reply to its end as the core does, as often taken up again from the journal as Discord makes it necessary. */
async function reply(to: ReplyAddress, text: string): Promise<void> {
  const asked = to.target["message"] ?? "";
  const conversation = `discord:${asked}` as const;
  const begun: Turn = {
    id: `turn-${asked}`,
    conversation,
    attempt: 1,
    covers: ["1"],
    replyTo: to,
    posts: [],
  };
  const { journal, turn } = writingJournal(begun);
  const ports = {
    journal,
    memories,
    platform: bot.platform,
    clock: hasty,
    commands,
    log: new RecordingLog(),
  };
  for (;;) {
    const writer = new ReplyWriter(ports, { conversation, epoch: 1, name: "l" }, turn(), [asked]);
    try {
      await writer.open(never);
      for (let length = 500; length < text.length; length += 2_500) {
        writer.grow(text.slice(0, length), never);
        await hasty.sleep(500, never);
      }
      await writer.close(text, never);
      return;
    } catch (error) {
      await writer.settle();
      if (!(error instanceof PlatformError)) throw error;
      await hasty.sleep(Math.max(250, error.retryAfterMs), never);
    }
  }
}

/** Three posts. */
const long = Array.from({ length: 500 }, (_, count) => `word ${count} `).join("\n");
const words = (text: string) => text.split(/\s+/u).filter((word) => word !== "");
const wordsIn = (channel: string) =>
  words(
    discord
      .posts(channel)
      .flatMap(({ content, isDeleted }) => (isDeleted ? [] : [content]))
      .join("\n"),
  );

/** Where six people asked, and what is said to them. */
async function askInSixPlaces() {
  const users = ["Ann", "Bob", "Cid", "Dee", "Eve", "Fay"];
  const asked = await Promise.all(
    users.map((user, index) => ask(index % 2 === 0 ? discord.directWith(user) : discord.channel, user)),
  );
  return asked.map((to) => ({
    to,
    // A thread has the id of the question.
    channel: (to.target["how"] === "thread" ? to.target["message"] : to.target["channel"]) ?? "",
  }));
}

describe("a storm", () => {
  test.each([
    ["of rate limits", [{ status: 429, retryAfterS: 1.5 }]],
    ["of short rate limits, which the client waits out itself", [{ status: 429, retryAfterS: 0.05 }]],
    ["of errors, before Discord did what it was asked to", [{ status: 503 }, { isReset: true }]],
    [
      "of errors, after Discord did what it was asked to",
      [
        { status: 502, afterwards: true },
        { isReset: true, afterwards: true },
      ],
    ],
  ])("%s leaves every reply complete, in order, and no post doubled", async (_, faults) => {
    const places = await askInSixPlaces();
    for (const fault of faults) {
      for (const calls of [creates, edits]) discord.fail({ ...calls, ...fault, times: 30 / faults.length });
      discord.fail({ ...openings, ...fault, times: 3 });
    }
    await Promise.all(places.map(({ to }) => reply(to, long)));

    const shown = places.map(({ channel }) => wordsIn(channel));
    expect(shown).toEqual(places.map(() => words(long)));
    const posts = places.map(({ channel }) => discord.posts(channel).length);
    expect(posts).toEqual(places.map(() => 3));
    expect(bot.fatal).toEqual([]);
  });
});

describe("creating a post", () => {
  test.each([
    ["answers 5xx", { status: 500 }, { kind: "unreachable", retryAfterMs: 0 }],
    ["cuts the line", { isReset: true }, { kind: "unreachable", retryAfterMs: 0 }],
    [
      "asks to wait",
      { status: 429, retryAfterS: 3 },
      { kind: "rate-limited", retryAfterMs: expect.closeTo(3_000, -3) as unknown },
    ],
  ])("is tried once when Discord %s", async (_, fault, error) => {
    const to = await ask(discord.directWith("Ann"));
    discord.fail({ ...creates, ...fault });
    await expect(bot.platform.createPost(to, post("A"), never)).rejects.toMatchObject(error);

    expect(discord.calls(creates.method, creates.path)).toHaveLength(1);
    expect(discord.posts(discord.directWith("Ann"))).toEqual([]);
  });

  test("in one rate-limited channel does not slow down another", async () => {
    const [slow, fast] = [discord.directWith("Ann"), discord.directWith("Bob")];
    const [toSlow, toFast] = [await ask(slow), await ask(fast, "Bob")];
    discord.fail({
      method: "POST",
      path: new RegExp(`${slow}/messages$`, "u"),
      status: 429,
      retryAfterS: 600,
      times: Infinity,
    });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        bot.platform.createPost(
          index % 2 === 0 ? toSlow : toFast,
          post("A", { turn: `turn-${index}` }),
          never,
        ),
      ),
    );

    expect(results.map(({ status }) => status)).toEqual(
      results.map((_, index) => (index % 2 === 0 ? "rejected" : "fulfilled")),
    );
    expect(discord.posts(fast)).toHaveLength(10);
  });
});

test("final edits in one channel come before growth", async () => {
  await bot[Symbol.asyncDispose]();
  bot = await openBot(discord, core, new InProcessRateLimits(() => 0));
  const { platform } = bot;
  const to = await ask(discord.channel);
  const turns = ["t1", "t2", "t3", "t4"];
  const ids = await Promise.all(
    turns.map((turn) => platform.createPost(to, post(`Well ${turn}`, { turn, state: "writing" }), never)),
  );
  const write = (state: "writing" | "done", text: string, signal: AbortSignal) =>
    Promise.allSettled(
      ids.map((id, index) => {
        const turn = turns[index] ?? "";
        const kind = state === "done" ? "final" : "growth";
        return editPlanned(platform, { to, id, post: post(text, { turn, state }), kind }, signal);
      }),
    );
  // The limit's clock stands still: what it does not allow now waits until it is aborted.
  await write("writing", "Well then", AbortSignal.timeout(5_000));
  const grown = discord.journal.filter(
    ({ method, path }) => method === "PATCH" && edits.path.test(path),
  ).length;
  // Discord takes five edits in five seconds, and four answers have yet to end.
  expect(grown).toBe(1);
  const ends = await write("done", "Well done", never);
  expect(ends.map(({ status }) => status)).toEqual(turns.map(() => "fulfilled"));
});

test("a post that a person deletes while it grows is posted again, and the reply is complete", async () => {
  const to = await ask(discord.directWith("Ann"), "Ann");
  const channel = to.target["channel"] ?? "";
  const short = long.slice(0, 1_800);
  const written = reply(to, short);
  await eventually(() => expect(discord.posts(channel)).toHaveLength(1));
  discord.delete(discord.posts(channel)[0]?.id ?? "");
  await written;
  expect(wordsIn(channel)).toEqual(words(short));
});
