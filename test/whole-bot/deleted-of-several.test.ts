import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterAll, beforeAll, expect, test } from "vitest";

import { openAllStages, stageNames } from "../support/stages/open-all-stages.ts";
import { endMark } from "../support/stages/stage.ts";

const patiently = { timeout: 60_000, interval: 20 };
let town: Awaited<ReturnType<typeof openAllStages>>;
beforeAll(async () => {
  town = await openAllStages();
});
afterAll(() => town[Symbol.asyncDispose]());

/** How many messages no finished turn covers yet. */
function waitingIn(dataDir: string): unknown {
  using database = new DatabaseSync(join(dataDir, "threadkeeper.sqlite"), { readOnly: true, timeout: 1_000 });
  return database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"];
}

test.each(stageNames)(
  "on %s, a question that shared its answer with a deleted one is answered again in the same post",
  async (name) => {
    const { model, stages } = town;
    const stage = stages[name];
    const before = model.requests.length;
    const room = stage.openRoom("ada");
    const whole = (): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));
    const letGo = model.holdUntilLetGo();
    await room.say("Hello there");
    await expect.poll(() => model.requests.length, patiently).toBe(before + 1);
    await room.say("When does the harbor open");
    await room.say("And the swordfish market");
    await expect.poll(() => waitingIn(town.dataDir), patiently).toBe(3);
    model.letGo();
    letGo();
    await expect.poll(whole, patiently).toEqual([expect.anything(), expect.stringContaining("swordfish")]);
    expect(model.requests).toHaveLength(before + 2);
    await room.deleteLast();
    await expect.poll(whole, patiently).toEqual([expect.anything(), expect.stringContaining("harbor open")]);
    expect(room.answers()).toHaveLength(2);
    await room.say("Thanks");
    await expect.poll(whole, patiently).toHaveLength(3);
    expect(JSON.stringify(model.requests.at(-1)?.messages)).not.toContain("swordfish");
    expect(model.requests).toHaveLength(before + 4);
  },
);
