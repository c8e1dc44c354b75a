import { afterAll, beforeAll, expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { openAllStages, stageNames } from "../support/stages/open-all-stages.ts";
import { endMark } from "../support/stages/stage.ts";

const patiently = { timeout: 60_000, interval: 20 };
let town: Awaited<ReturnType<typeof openAllStages>>;
beforeAll(async () => {
  town = await openAllStages();
});
afterAll(() => town[Symbol.asyncDispose]());

test.each(stageNames)(
  "on %s, an edited question is answered again in the post of its answer",
  async (name) => {
    const { model, stages } = town;
    const stage = stages[name];
    const before = model.requests.length;
    const room = stage.openRoom("ada");
    const whole = (): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));
    await room.say("When does the harbor open");
    await expect.poll(whole, patiently).toHaveLength(1);
    await room.say("And the market?");
    await expect.poll(whole, patiently).toHaveLength(2);
    await room.editFirst("When does the library open");
    await expect
      .poll(whole, patiently)
      .toEqual([expect.stringContaining("library open"), expect.stringContaining("And the market?")]);
    expect(room.answers()).toHaveLength(2);
    const again = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text));
    expect(again).toEqual([expect.stringMatching(/^.+: When does the library open$/u)]);
    await room.say("Thanks");
    await expect.poll(whole, patiently).toHaveLength(3);
    const prompt =
      model.requests
        .at(-1)
        ?.messages.map(({ text }) => withoutTimes(text))
        .join("\n") ?? "";
    expect(prompt).not.toContain("harbor");
    expect(prompt.match(/library open/gu)).toHaveLength(2);
    expect(model.requests).toHaveLength(before + 4);
  },
);
