import { afterAll, beforeAll, expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { openAllStages, stageNames } from "../support/stages/open-all-stages.ts";
import { endMark } from "../support/stages/stage.ts";

const patiently = { timeout: 60_000, interval: 20 };
const contextTokens = 1_000;
let town: Awaited<ReturnType<typeof openAllStages>>;
beforeAll(async () => {
  town = await openAllStages({ CONTEXT_TOKENS: contextTokens.toString() });
});
afterAll(() => town[Symbol.asyncDispose]());

test.each(stageNames)(
  "on %s, the answer to a deleted question is deleted, whether it is new or old",
  async (name) => {
    const { model, stages } = town;
    const stage = stages[name];
    const askIn = (person: string) => {
      const room = stage.openRoom(person);
      const whole = (): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));
      const ask = async (text: string): Promise<void> => {
        const count = whole().length + 1;
        await room.say(text);
        await expect.poll(whole, patiently).toHaveLength(count);
      };
      return { room, ask };
    };
    const ada = askIn("ada");
    await ada.ask("When does the harbor open");
    await ada.ask("And the market?");
    await ada.room.deleteFirst();
    await expect.poll(ada.room.answers, patiently).toEqual([expect.stringContaining("market")]);
    const eve = askIn("eve");
    await eve.ask("When does the library open");
    const prompt = (): string =>
      model.requests
        .at(-1)
        ?.messages.map(({ text }) => withoutTimes(text))
        .join("\n") ?? "";
    for (let index = 0; prompt().includes("library") || index === 0; index += 1) {
      expect(index).toBeLessThan(40);
      await eve.ask(`Thanks, number ${index}, ${"and so on ".repeat(25)}`);
    }
    const before = eve.room.answers().length;
    await eve.room.deleteFirst();
    await expect.poll(() => eve.room.answers().join("\n"), patiently).not.toContain("library");
    expect(eve.room.answers()).toHaveLength(before - 1);
  },
);
