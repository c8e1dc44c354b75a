import { describe, test } from "vitest";

import { redisIsMissing } from "../support/redis-server.ts";
import { runChaos } from "../support/chaos/run-chaos.ts";
import { runs, type Run } from "../support/chaos/runs.ts";
import type { Scale } from "../support/chaos/scene.ts";

const short: Scale = {
  seed: 1,
  conversations: 8,
  messages: 3,
  thoughtMs: 2_000,
  towns: ["Slack", "Discord"],
};
const kept = {
  lost: 0,
  doubledAnswers: 0,
  outOfOrder: 0,
  wrongPrompts: 0,
  wrongPresses: 0,
  wrongFiles: 0,
  broken: [],
};

function runNamed(name: string): Run {
  const run = runs.find((each) => each.name === name);
  if (run === undefined) throw new Error(`There is no run ${name}`);
  return run;
}

// The whole of it, with 400 messages for each kind of bad day, is `npm run chaos`.
describe.concurrent("a short bad day", () => {
  test("kill -9 of the only process, again and again, loses and doubles nothing", async ({ expect }) => {
    const report = await runChaos(runNamed("embedded"), short);
    expect(report).toMatchObject({ ...kept, messages: short.conversations * short.messages });
    expect(report.strikes).toBeGreaterThan(0);
  }, 600_000);

  test.skipIf(redisIsMissing)(
    `kill -9 of redis-server loses and doubles nothing on two replicas ${redisIsMissing ?? ""}`,
    async ({ expect }) => {
      const report = await runChaos({ ...runNamed("redis"), replicas: 2 }, short);
      expect(report).toMatchObject({ ...kept, messages: short.conversations * short.messages });
      expect(report.strikes).toBeGreaterThan(0);
    },
    600_000,
  );
});
