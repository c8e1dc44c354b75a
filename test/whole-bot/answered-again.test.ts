import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { archivedIn, everythingIn } from "../support/every-byte.ts";
import { says, streams } from "../support/openai/script.ts";
import {
  makePostgresDatabase,
  postgresIsMissing,
  type PostgresDatabase,
} from "../support/postgres-database.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { onDiscord, onSlack, openTown, type Room, type Town } from "../support/stages/answer-rooms.ts";

const patiently = { timeout: 60_000, interval: 10 };
const whole = ["Regenerate", "👍", "👎"];
const cut = ["Continue", ...whole];
const isMissing = redisIsMissing ?? postgresIsMissing;
const notYours = expect.stringContaining("Only the person who asked");
const cutMark = "\n\n*(I reached my length limit here. Press Continue, or ask me to go on.)*";

/** Waits until the newest answer is this, in as many posts, with the buttons under its last one only. */
async function expectShown(room: Room, texts: readonly unknown[], labels: readonly string[]): Promise<void> {
  const newest = () => ({
    texts: room.shown().slice(-texts.length),
    labels: room.labels().slice(-texts.length),
  });
  const expected = { texts, labels: [...texts.slice(1).map(() => []), labels] };
  await expect.poll(newest, patiently).toEqual(expected);
}

/** Regenerates an answer for impatient people, and continues one that was cut. */
async function tryAgain(town: Town, room: Room, [asker, other]: readonly [string, string]): Promise<void> {
  const { model, next } = town;
  await expectShown(room, ["The swordfish."], whole);
  const ids = room.ids();
  const before = model.requests.length;
  next(says("The octopus."));
  const again = await room.press(asker, "Regenerate", 2);
  await Promise.all([again(), again()]);
  await expectShown(room, ["The octopus."], whole);
  expect(town.lastPrompt()).not.toContain("swordfish");
  await again();
  next(streams([{ say: "One two thr" }], "max-output-tokens"));
  await room.press(asker, "Regenerate");
  await expectShown(room, [`One two thr${cutMark}`], cut);
  next(says("three four."));
  const goOn = await room.press(asker, "Continue", 2);
  await Promise.all([goOn(), goOn()]);
  await expectShown(room, ["One two three four."], whole);
  await goOn();
  expect(room.ids()).toEqual(ids);
  expect(room.told()).toEqual([]);

  // A person who may not press gets one line, and nothing else changes.
  await room.press(other, "Regenerate");
  await expect.poll(room.told, patiently).toEqual([notYours]);
  expect(model.requests).toHaveLength(before + 3);
  await failAgain(town, room, asker);

  next(says("Fine."));
  await room.say("And now?");
  await expect.poll(() => room.shown().at(-1), patiently).toBe("Fine.");
  expect(model.requests).toHaveLength(before + 5);
  expect(town.lastPrompt()).toContain('"One two three four."');
  expect(town.lastPrompt()).not.toMatch(/swordfish|octopus|length limit|tuna/u);
}

/** The model refuses in the middle of the new answer: the old one comes back. */
async function failAgain({ next }: Town, room: Room, asker: string): Promise<void> {
  const ids = room.ids();
  next(streams([{ say: "The tuna" }], { failed: "invalid_prompt" }));
  await room.press(asker, "Regenerate");
  await expect
    .poll(room.told, patiently)
    .toEqual([notYours, expect.stringContaining("The earlier answer stays as it was.")]);
  await expectShown(room, ["One two three four."], whole);
  expect(room.ids()).toEqual(ids);
}

// The replicas below get theirs over HTTP.
test("on Slack, an answer is given again and continued in its post, in Socket Mode", async () => {
  await using town = await openTown({}, true);
  const first = await town.start();
  town.next(says("The swordfish."));
  const room = await onSlack(town, "C1", "Which fish?");
  await tryAgain(town, room, ["U1", "U2"]);
  await first.kill();

  const second = await town.start();
  const [, last = ""] = room.ids();
  town.next(says("Rain. ".repeat(1_600)));
  await room.press("U1", "Regenerate");
  const rain = expect.stringContaining("Rain.");
  await expectShown(room, [rain, rain], whole);
  expect(room.ids()).toHaveLength(3);
  town.next(says("Short."));
  await room.press("U1", "Regenerate");
  await expectShown(room, ["Short."], whole);
  expect(room.shown()).toHaveLength(2);
  expect(room.ids()[1]).toBe(last);
  expect(second.output()).not.toMatch(/swordfish|octopus/u);
});

test("on Discord, an answer is given again and continued in its posts, in a thread and in a DM", async () => {
  await using town = await openTown();
  await town.start();
  for (const channel of [town.discord.channel, town.discord.directWith("Ana")]) {
    town.next(says("The swordfish."));
    const room = await onDiscord(town, channel, "Which fish?");
    if (channel === town.discord.channel) await tryAgain(town, room, ["Ana", "Bo"]);
    await expect.poll(() => room.labels().at(-1), patiently).toEqual(whole);
    const [before, first] = [room.ids().length - 1, room.ids().at(-1)];
    for (const [word, posts] of [
      ["Rain. ", 3],
      ["Sun. ", 1],
      ["Snow. ", 3],
    ] as const) {
      town.next(says(word.repeat(posts === 1 ? 1 : 700)));
      await room.press("Ana", "Regenerate", 2);
      const parts = Array.from({ length: posts }, () => expect.stringContaining(word.trim()));
      await expectShown(room, parts, whole);
      expect(room.ids()).toHaveLength(before + posts);
      expect(room.ids()[before]).toBe(first);
    }
  }
});

describe.skipIf(isMissing)(`two replicas over one Redis ${isMissing ?? ""}`, () => {
  let redis: RedisServer;
  let database: PostgresDatabase;
  beforeAll(async () => {
    redis = await startRedisServer("--aof-use-rdb-preamble", "no");
    database = await makePostgresDatabase();
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test("give an answer again once, also when one is killed, and keep nothing of the old one", async () => {
    await using town = await openTown({ REDIS_URL: redis.url, DATABASE_URL: database.url });
    const writer = await town.start();
    const other = await town.start();
    town.deliverTo(writer);
    town.next(says("The swordfish."));
    const room = await onSlack(town, "C1", "Which fish?");
    await expectShown(room, ["The swordfish."], whole);
    await expect.poll(() => archivedIn(database.url), patiently).toContain("swordfish");
    const ids = room.ids();

    const held = Promise.withResolvers<void>();
    town.next(streams([{ say: "The octo" }, { hold: held.promise }], "complete"), says("The tuna."));
    town.deliverTo(other);
    const again = await room.press("U1", "Regenerate");
    await expect.poll(room.shown, patiently).toEqual(["The octo"]);
    town.deliverTo(writer);
    await again();
    expect(town.model.requests).toHaveLength(2);
    await other.kill();
    await expectShown(room, ["The tuna."], whole);
    held.resolve();
    await again();
    expect(room.ids()).toEqual(ids);
    expect(town.model.requests).toHaveLength(3);
    await expect.poll(() => archivedIn(database.url), patiently).toContain("tuna");
    await expect.poll(() => archivedIn(database.url), patiently).not.toMatch(/swordfish|octo/u);
    await expect.poll(() => everythingIn(redis), patiently).not.toMatch(/swordfish|octo/u);
    await room.say("And now?");
    await expect.poll(() => room.shown().at(-1), patiently).toBe("Nothing.");
    expect(town.lastPrompt()).not.toMatch(/swordfish|octo/u);
  });
});
