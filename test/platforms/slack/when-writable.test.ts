import { describe } from "vitest";

import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { whenWritableContract } from "../../contracts/when-writable-contract.ts";
import { openSlackBench } from "../../support/slack/slack-bench.ts";
import { ask } from "../../support/slack/write-reply.ts";

/** Its waits are short, so that only the limits stand in the way. */
const impatient: Clock = {
  ...systemClock,
  sleep: (ms, until) => systemClock.sleep(Math.min(ms, 5), until),
};

describe("Slack's rate plan", () => {
  whenWritableContract(
    async () => {
      const bench = await openSlackBench({ clock: impatient });
      return { ...bench, to: await ask(bench, "C1") };
    },
    { isLimited: true, answers: 8 },
  );
});
