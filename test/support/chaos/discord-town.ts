import { setTimeout } from "node:timers/promises";

import { parseActionId } from "../../../src/platforms/discord/wire/action-buttons.ts";
import { DiscordStandIn } from "../discord/discord-stand-in.ts";
import { buttonsIn, labelOf } from "../discord/buttons.ts";
import { latest, type StoredMessage, type Written } from "../discord/world.ts";
import { isCutAnswer } from "../../../src/domain/cut-answer.ts";
import { endMark } from "../stages/stage.ts";
import type { Random } from "./random.ts";
import { fileWordsIn, spokenIn } from "./speech.ts";
import type { Corner, CornerPress, Seen, SentFile, Shown, ShownButton, Town } from "./town.ts";

const longestCallMs = 400;
const longestDownloadMs = 2_000;
/** A bot that lives on for so long after an event has stored it. */
const storedWithinMs = 1_500;
const repeatShare = 0.1;
const longestRepeatMs = 8_000;
const pollMs = 50;
const threadWithinMs = 300_000;
const answerWithinMs = 3_000;
/** The post stays as it is, or a form opens. */
const taken: ReadonlySet<number> = new Set([6, 9]);

/**
 * A Discord on which the bot opens threads under mentions. Every replica receives everything. `isHeard`: a replica is
 * connected.
 */
export async function openDiscordTown(isHeard: () => boolean, random: Random): Promise<Town> {
  const discord = new DiscordStandIn();
  await discord.listen(0);
  const closing = new AbortController();
  let repeats = 0;
  const threads = new Set<string>();
  let lastDownMs = 0;
  const repeat = (id: string, afterMs: number): void => {
    repeats += 1;
    setTimeout(afterMs, undefined, { signal: closing.signal })
      .then(() => discord.repeat(id))
      .catch(() => undefined);
  };
  return {
    name: "Discord",
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    up: () => undefined,
    down: () => void (lastDownMs = Date.now()),
    repeats: () => repeats,
    readings: () => discord.downloads(),
    astray: () =>
      [...discord.world.messages.values()].filter(
        ({ author, isDeleted, channel, replyTo = "" }) =>
          author === discord.world.bot && !isDeleted && !threads.has(channel) && !threads.has(replyTo),
      ).length,
    streaming: () => 0,
    unfinished: () => 0,
    openCorner: (person) =>
      openCorner(discord, person, {
        isHeard,
        repeat,
        random,
        begun: (thread) => void threads.add(thread),
        lastDownMs: () => lastDownMs,
      }),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await discord[Symbol.asyncDispose]();
    },
  };
}

function openCorner(
  discord: DiscordStandIn,
  person: string,
  {
    isHeard,
    repeat,
    begun,
    random,
    lastDownMs,
  }: {
    readonly isHeard: () => boolean;
    readonly repeat: (id: string, afterMs: number) => void;
    readonly begun: (thread: string) => void;
    readonly random: Random;
    readonly lastDownMs: () => number;
  },
): Corner {
  let thread: string | undefined;
  return {
    say: async (text, file) => {
      // People continue in the thread that the bot opens.
      await until(() => thread === undefined || discord.world.channels.has(thread), `${person}'s thread`);
      await until(isHeard, "somebody who listens");
      const luck = random.fork(`say ${text}`);
      const attachments = file === undefined ? [] : [host(discord, file, luck.between(0, longestDownloadMs))];
      const id = discord.say({
        channel: thread ?? discord.channel,
        user: person,
        text,
        mention: thread === undefined || text.startsWith("/"),
        attachments,
      });
      thread ??= id;
      begun(thread);
      // A call takes time. A bot that dies meanwhile never learns that it succeeded.
      for (const method of ["POST", "PATCH"]) {
        discord.fail({ method, path: /messages(?:\/\d+)?$/u, delayMs: luck.between(0, longestCallMs) });
      }
      if (luck.chance(repeatShare)) repeat(id, luck.chance(0.5) ? 0 : luck.between(0, longestRepeatMs));
      return id;
    },
    takeBack: async (id, what) => {
      const text = content(discord, id);
      // Discord tells it once. A bot that dies just then, or starts, does not hear of it.
      for (;;) {
        await until(isHeard, "somebody who listens");
        const atMs = Date.now();
        if (what === "message") discord.delete(id);
        else discord.edit(id, text, []);
        await setTimeout(storedWithinMs);
        if (lastDownMs() < atMs && isHeard()) return;
      }
    },
    seen: () => (thread === undefined ? [] : postsOf(discord, thread).map(see)),
    images: () =>
      (thread === undefined ? [] : postsOf(discord, thread)).flatMap((post) =>
        (latest(post).files ?? []).flatMap(({ bytes }) => fileWordsIn(bytes.toString("latin1"))),
      ),
    press: async (press) => {
      await until(isHeard, "somebody who listens");
      return pressUnder(discord, press);
    },
    authorOf: (name) => discord.world.user(name).id,
  };
}

/** The file as a message names it. It comes slowly, so that a bot may die while it reads. */
function host(discord: DiscordStandIn, { name, mediaType, bytes }: SentFile, afterMs: number): object {
  const { files } = discord.world;
  const id = String(7_000 + files.size);
  files.set(id, { bytes, signature: 0 });
  discord.fail({ method: "GET", path: new RegExp(`/attachments/${id}$`, "u"), delayMs: afterMs });
  return { id, filename: name, size: bytes.length, content_type: mediaType, url: "x" };
}

function content({ world }: DiscordStandIn, id: string): string {
  const message = world.messages.get(id);
  return message === undefined ? "" : latest(message).content;
}

/** Including those outside the thread. */
function postsOf(discord: DiscordStandIn, thread: string): readonly StoredMessage[] {
  return [...discord.world.messages.values()].filter(
    (message) =>
      message.author === discord.world.bot &&
      !message.isDeleted &&
      (message.channel === thread || message.replyTo === thread),
  );
}

function see(post: StoredMessage): Seen {
  const versions = post.versions.map((written) => show(written, post.sentAtMs));
  return { ...show(latest(post), post.sentAtMs), id: post.id, versions };
}

function show({ content: text, components, editedAtMs }: Written, sentAtMs: number): Shown {
  return {
    covers: spokenIn(text),
    isAnswer: text.endsWith(endMark) || isCutAnswer(text),
    atMs: editedAtMs ?? sentAtMs,
    text,
    buttons: buttonsIn(components).flatMap((button) => toButton(button.custom_id, labelOf(button))),
  };
}

function toButton(id: string, label: string): readonly ShownButton[] {
  const { action, on } = parseActionId(id) ?? {};
  return action === undefined || on === undefined ? [] : [{ action, on, id, label }];
}

/** Discord delivers a press once, and calls it failed when nobody has answered for 3 seconds. */
async function pressUnder(
  discord: DiscordStandIn,
  { post: message, button: { id: customId, label }, by: user, times }: CornerPress,
): Promise<boolean> {
  if (discord.world.messages.get(message)?.isDeleted !== false) return false;
  const interaction = discord.pressUnder({ message, user, label, customId, times });
  const untilMs = Date.now() + answerWithinMs;
  while (interaction.callbacks.length === 0 && Date.now() < untilMs) await setTimeout(pollMs);
  // Another answer says in private why the press does not count.
  return interaction.callbacks.some(({ type, data }) => taken.has(type) || isThanks(data));
}

function isThanks(data: unknown): boolean {
  return JSON.stringify(data ?? {}).includes("Thanks");
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadlineMs = Date.now() + threadWithinMs;
  while (!isSo()) {
    if (Date.now() > deadlineMs) throw new Error(`There was no sign of ${what}`);
    await setTimeout(pollMs);
  }
}
