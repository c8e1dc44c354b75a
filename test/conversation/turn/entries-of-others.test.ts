import { expect, test } from "vitest";

import { BusyError } from "../../../src/ports/journal.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { said } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

// Another process stores a message, finds the conversation busy, and does no more about it.

test.each([
  { behindMs: 0, clock: "the same clock" },
  { behindMs: 60_000, clock: "a clock that is behind" },
])(
  "a message that another process with $clock stored during a failed attempt is seen at once",
  async ({ behindMs }) => {
    const model = new ScriptedModel();
    const { script } = model;
    await using bench = await openRealBench({ model });
    const { inbox } = bench.ports;
    model.script = async function* () {
      yield "Well";
      model.script = script;
      await inbox.accept(said("b", "and the tea?"), bench.clock.nowMs() - behindMs, bench.signal);
      throw new ModelError("unreachable", "away", {});
    };
    await bench.say("a", "Where is the coffee?");
    expect(bench.platform.shown).toEqual(["Answer to Ada: and the tea?"]);
  },
);

test("entries that wait behind a long backlog don't repeat a failing attempt without a pause", async () => {
  const model = new ScriptedModel();
  await using bench = await openRealBench({ model });
  const { inbox } = bench.ports;
  // More than one turn can cover.
  for (let index = 0; index < 600; index += 1)
    await inbox.accept(said(`m${index}`, "hello"), bench.clock.nowMs(), bench.signal);
  bench.clock.pass(1);
  model.script = async function* () {
    yield "";
    throw new ModelError("unreachable", "away", {});
  };
  await bench.schedule("fake:room:1");
  expect(model.prompts).toHaveLength(1);
});

test("a busy conversation is left to the process that works on it", async () => {
  let isBusy = true;
  await using bench = await openRealBench({
    stores: (real) => ({
      ...real,
      journal: {
        ...real.journal,
        claim: async (...given) => {
          if (isBusy) throw new BusyError("Another process works on the conversation");
          return real.journal.claim(...given);
        },
      },
    }),
  });
  await bench.say("a", "Where is the coffee?");
  expect(bench.platform.shown).toEqual([]);
  isBusy = false;
  await bench.schedule("fake:room:1");
  expect(bench.platform.shown).toEqual(["Answer to Ada: Where is the coffee?"]);
});
