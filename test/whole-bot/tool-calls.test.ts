import { describe, expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import type { ModelRequest } from "../support/openai/model-request.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { callOf, says, streams, type StreamScript } from "../support/openai/script.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { endMark } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startToyServer } from "../support/toys/toy-server.ts";

const patiently = { timeout: 60_000, interval: 20 };
const lookUp = (of: string) => ({ call: callOf("look_up", { of }) });

/** A person in the web chat, and what the bot needs to answer with toy tools. */
async function openTown(respond: (request: ModelRequest) => StreamScript, store: "SQLite" | "Redis") {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const openai = opened.use(await startOpenAiStandIn({ respond }));
  const toys = opened.use(await startToyServer());
  const redis = store === "Redis" ? opened.use(await startRedisServer()) : undefined;
  const stage = opened.use(openWebStage());
  const room = stage.openRoom("ada");
  const settings = {
    ...stage.settings,
    ...toys.settings,
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    DATA_DIR: folder.path,
  };
  const start = async () => {
    const bot = opened.use(await startBot(settings));
    await stage.connect(bot);
    return bot;
  };
  return { openai, toys, room, start, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.each(["SQLite", "Redis"] as const)("on %s, after a kill", (store) => {
  test("between two rounds, neither tool call is repeated", async () => {
    const { promise: never } = Promise.withResolvers<never>();
    let isHeld = true;
    await using town = await openTown(({ results }) => {
      if (results.length === 0) return streams([{ say: "Looking." }, lookUp("one")], "complete");
      if (isHeld) return streams([{ hold: never }], "complete");
      if (results.length === 1) return streams([lookUp("two")], "complete");
      return says(results.map(({ result }) => result).join(" "), endMark);
    }, store);
    const first = await town.start();
    await town.room.say("what do they say?");
    // The first call has its result: the model is asked again.
    await expect.poll(() => town.openai.requests.at(-1)?.results.length, patiently).toBe(1);
    await first.kill();
    isHeld = false;
    await town.start();
    const answer = `Looking.\n\nIt says ONE. It says TWO.${endMark}`;
    await expect.poll(() => town.room.answers(), patiently).toEqual([answer]);
    expect(town.toys.calls).toEqual(["/look_up/one", "/look_up/two"]);
    expect(town.openai.refusals).toEqual([]);
  });

  test("in the second call of a round, the first one is not repeated", async () => {
    const { promise: never } = Promise.withResolvers<never>();
    await using town = await openTown(
      ({ results }) =>
        results.length === 0
          ? streams([lookUp("one"), lookUp("two")], "complete")
          : says(results.map(({ result }) => result).join(" "), endMark),
      store,
    );
    town.toys.holds.set("/look_up/two", never);
    const first = await town.start();
    await town.room.say("what do they say?");
    await expect.poll(() => town.toys.calls, patiently).toEqual(["/look_up/one", "/look_up/two"]);
    await first.kill();
    town.toys.holds.clear();
    await town.start();
    await expect.poll(() => town.room.answers(), patiently).toEqual([`It says ONE. It says TWO.${endMark}`]);
    expect(town.toys.calls).toEqual(["/look_up/one", "/look_up/two", "/look_up/two"]);
    // The model was asked for its calls once.
    expect(town.openai.requests.map(({ results }) => results.length)).toEqual([0, 2]);
    expect(town.openai.refusals).toEqual([]);
  });

  test.each([
    ["is asked for the outcome", "write_down", "It says MILK."],
    [
      "can't tell, and people are informed",
      "ring",
      "(I don't know if this was done. Please check: ring for milk.)",
    ],
  ])("in a writing call, it is not repeated: its tool %s", async (_, name, told) => {
    const { promise: never } = Promise.withResolvers<never>();
    await using town = await openTown(
      ({ results }) =>
        results.length === 0
          ? streams([lookUp("one"), { call: callOf(name, { of: "milk" }) }], "complete")
          : says(results.map(({ result }) => result).join(" "), endMark),
      store,
    );
    town.toys.holds.set("/write_down/milk", never);
    const first = await town.start();
    await town.room.say("write it down");
    await expect.poll(() => town.toys.calls, patiently).toEqual(["/look_up/one", "/write_down/milk"]);
    await first.kill();
    town.toys.holds.clear();
    await town.start();
    await expect.poll(() => town.room.answers(), patiently).toEqual([expect.stringContaining(told)]);
    expect(town.toys.calls.filter((path) => path === "/write_down/milk")).toHaveLength(1);
    expect(town.openai.requests.map(({ results }) => results.length)).toEqual([0, 2]);
    expect(town.openai.refusals).toEqual([]);
  });
});
