import { describe, expect, test } from "vitest";

import type { Said } from "../../../src/domain/inbound.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { userObject, type SlackPerson } from "../../support/slack/slack-people.ts";

const signal = new AbortController().signal;
const bot = "UBOT";

/** Two replicas; Slack delivers to each in turn. Ada is in CHERE and in the private CCLUB. */
async function openTown(isSocketMode = false) {
  const bench = await openSlackBench({ isSocketMode });
  const { slack } = bench;
  const replicas = [bench.platform, await bench.join()];
  slack.addPerson(bot, "threadkeeper", { isBot: true });
  slack.addPerson("UADA", "Ada", { tz: "Europe/Berlin", isAdmin: true });
  slack.addChannel("CHERE", { members: [bot, "UADA", "UBOB"] });
  slack.addChannel("CTOWN", { members: [] });
  slack.addChannel("CCLUB", { members: [bot, "UADA"], isPrivate: true });
  const readable = (person?: string) =>
    Promise.all(
      replicas.map(async (platform) => {
        const readers = { place: "T1:CHERE", ...(person === undefined ? {} : { person: `T1:${person}` }) };
        const { places } = await platform.readable(readers, ["T1:CTOWN", "T1:CCLUB"], signal);
        return places.map((place) => place.slice(3));
      }),
    );
  const mayModerate = () =>
    Promise.all(
      replicas.map((platform) => {
        const where = {
          conversation: "slack:T1:CHERE:1.1",
          place: "T1:CHERE",
          hasWritten: true,
          isSpeaker: true,
        } as const;
        return platform.hasRight("T1:UADA", "moderate", where, signal);
      }),
    );
  return { ...bench, readable, mayModerate };
}

/** Changes a person in Slack, and delivers the event. */
async function change({ slack }: SlackBench, user: string, { name, ...traits }: SlackPerson) {
  slack.addPerson(user, name, traits);
  return slack.sendEvent(changeOf(user, { name, ...traits }, slack.settings));
}

function changeOf(user: string, person: SlackPerson, settings: Parameters<typeof userObject>[2]) {
  return { type: "user_change", user: userObject(user, person, settings), cache_ts: 1, event_ts: "1.1" };
}

/** Ada's next message, as each replica reads it. */
async function sayOnBoth({ slack, accepted }: SlackBench): Promise<readonly Said["message"]["author"][]> {
  const say = () => slack.say({ channel: "D1", user: "UADA", text: "hi" });
  const ids = new Set([await say(), await say()]);
  return accepted.inbounds.flatMap((each) =>
    each.kind === "said" && ids.has(each.message.id) ? [each.message.author] : [],
  );
}

function both<T>(each: T): readonly T[] {
  return [each, each];
}

describe.each([
  ["over HTTP", false],
  ["in Socket Mode", true],
])("on two replicas, %s,", (_, isSocketMode) => {
  test("a renamed person has the new name and time zone in the next message, and stays the same person", async () => {
    await using town = await openTown(isSocketMode);
    const ada = { id: "T1:UADA", name: "Ada", timeZone: "Europe/Berlin" };
    // Until each replica has read one.
    await expect.poll(() => sayOnBoth(town)).toEqual(both(ada));
    await sayOnBoth(town);
    town.slack.addPerson("UADA", "Ada Lovelace", { tz: "Europe/London" });
    expect(await sayOnBoth(town)).toEqual(both(ada));
    expect(await change(town, "UADA", { name: "Ada Lovelace", tz: "Europe/London" })).toMatchObject({
      isAcked: true,
    });
    expect(await sayOnBoth(town)).toEqual(both({ ...ada, name: "Ada Lovelace", timeZone: "Europe/London" }));
  });

  test("a deactivated person reads and moderates nothing, and closes no channel to its members", async () => {
    await using town = await openTown(isSocketMode);
    expect(await town.readable("UADA")).toEqual(both(["CTOWN", "CCLUB"]));
    expect(await town.readable()).toEqual(both(["CTOWN"]));
    expect(await town.mayModerate()).toEqual(both(true));
    town.slack.addChannel("CHERE", { members: [bot, "UBOB"] });
    town.slack.addChannel("CCLUB", { members: [bot], isPrivate: true });
    await change(town, "UADA", { name: "Ada", isDeleted: true });
    expect(await town.readable("UADA")).toEqual(both([]));
    expect(await town.mayModerate()).toEqual(both(false));
    expect(await town.readable()).toEqual(both(["CTOWN"]));
  });

  test("a member who became a guest closes the channel, and a guest who became a member opens it", async () => {
    await using town = await openTown(isSocketMode);
    expect(await town.readable()).toEqual(both(["CTOWN"]));
    await change(town, "UBOB", { name: "Bob", isGuest: true });
    expect(await town.readable()).toEqual(both([]));
    expect(await town.readable("UBOB")).toEqual(both([]));
    await change(town, "UBOB", { name: "Bob" });
    expect(await town.readable()).toEqual(both(["CTOWN"]));
    expect(await town.readable("UBOB")).toEqual(both(["CTOWN"]));
  });
});

test("a change that comes late leaves what Slack says now", async () => {
  await using town = await openTown();
  await sayOnBoth(town);
  await change(town, "UADA", { name: "Ada Lovelace", tz: "Europe/Berlin" });
  const old = changeOf("UADA", { name: "Ada King", tz: "Europe/Berlin" }, town.slack.settings);
  for (let times = 0; times < 3; times += 1) await town.slack.sendEvent(old);
  expect((await sayOnBoth(town)).map(({ name }) => name)).toEqual(both("Ada Lovelace"));
});

test("a name that changes while it is looked up is looked up again", async () => {
  await using town = await openTown();
  const { slack, accepted } = town;
  slack.fail("users.info", { kind: "latency", ms: 300 }, 2);
  const saying = slack.say({ channel: "D1", user: "UADA", text: "hi" });
  await expect.poll(() => slack.faultsLeft("users.info")).toBe(1);
  const renamed = changeOf("UADA", { name: "Ada Lovelace" }, slack.settings);
  await slack.sendEvent(renamed);
  // The first answer has the old name.
  await expect.poll(() => slack.faultsLeft("users.info")).toBe(0);
  slack.addPerson("UADA", "Ada Lovelace");
  await saying;
  expect(accepted.inbounds).toMatchObject([{ message: { author: { name: "Ada Lovelace" } } }]);
  expect(slack.calls("users.info")).toHaveLength(2);
});

test("a storm of changes of strangers, and of the status of people that are known, costs no call and no write", async () => {
  await using town = await openTown();
  const { slack, accepted } = town;
  await sayOnBoth(town);
  expect(await town.readable()).toEqual(both(["CTOWN"]));
  const calls = slack.calls().length;
  const stored = accepted.inbounds.length;
  const ada = { name: "Ada", tz: "Europe/Berlin", isAdmin: true };
  const storm = Array.from({ length: 500 }, (_, count) =>
    count % 2 === 0
      ? changeOf(`USTRANGER${count}`, { name: `Stranger ${count}` }, slack.settings)
      : changeOf("UADA", ada, slack.settings),
  );
  for (const event of storm) expect(await slack.sendEvent(event)).toMatchObject({ isAcked: true });
  expect(slack.calls()).toHaveLength(calls);
  expect(accepted.inbounds).toHaveLength(stored);
  await sayOnBoth(town);
  expect(await town.readable()).toEqual(both(["CTOWN"]));
  expect(slack.calls()).toHaveLength(calls);
});
