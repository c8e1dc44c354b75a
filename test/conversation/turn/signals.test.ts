import { getEventListeners } from "node:events";

import { expect, test } from "vitest";

import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

// The signal of a turn lives as long as the program.
test.each([0, 60_000])(
  "an answer with a time limit of %i ms leaves nothing on the signal of its turn",
  async (ms) => {
    const turns: AbortSignal[] = [];
    const model = new ScriptedModel(async function* () {
      yield "One word ";
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield "after another.";
    });
    await using bench = await openRealBench({
      model,
      changed: () => ({ answerLimits: { rounds: 3, ms, tokens: 0 } }),
      stores: (real) => ({
        ...real,
        journal: {
          ...real.journal,
          claim: (conversation, worker, signal) => {
            turns.push(signal);
            return real.journal.claim(conversation, worker, signal);
          },
        },
      }),
    });
    await bench.say("one", "how will Friday be?");
    expect(bench.platform.shown).toEqual(["One word after another."]);
    expect(turns.length).toBeGreaterThan(0);
    for (const signal of turns) expect(getEventListeners(signal, "abort")).toHaveLength(0);
  },
);
