import { freePort } from "../../../test/support/redis-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { Check } from "../checks.ts";
import { contestantNamed, type Contestant } from "../contestants.ts";
import { median } from "../figures.ts";
import { openStores } from "../open-stores.ts";
import { startProgram } from "../start-program.ts";
import { startStandIn } from "../start-stand-in.ts";
import type { Scenario, ScenarioRow } from "./scenario.ts";

const mostEmbeddedMs = 1_000;

/** `npm run bench -- start` */
export const start: Scenario<"runs"> = {
  title: "From the start of a program to its first answer",
  sizes: { runs: { usual: 5, quick: 2 } },
  // Two replicas start no faster than one.
  only: ["bare-one-call", "bare-two-calls", "packages", "chat-sdk", "ours-sqlite", "ours-redis"],
  measure: async ({ sizes, only, note }) => {
    const rows: ScenarioRow[] = [];
    const checks: Check[] = [];
    for (const name of only) {
      const contestant = contestantNamed(name);
      note(`${name}: ${sizes.runs} starts`);
      const times = await startTimesMs(contestant, sizes.runs);
      const [middle, fastest, slowest] = [median(times), Math.min(...times), Math.max(...times)];
      rows.push({ name: contestant.title, figures: { "first answer after ms": middle, fastest, slowest } });
      if (name === "ours-sqlite")
        checks.push({ what: `${contestant.title}, ms`, value: middle, atMost: mostEmbeddedMs });
    }
    return {
      what: `A person's message is sent with the start, and again until the program takes it. The median of ${sizes.runs} starts; the stores exist already.`,
      rows,
      checks,
    };
  },
};

/** The first start makes the stores and is not counted. */
async function startTimesMs(contestant: Contestant, runs: number): Promise<readonly number[]> {
  using folder = temporaryFolder();
  await using stores = await openStores(contestant);
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const ms = await startOnce(contestant, { ...stores.settings, DATA_DIR: folder.path });
    if (run > 0) times.push(ms);
  }
  return times;
}

/** The message is sent at once, and again until the program takes it. */
async function startOnce(
  { program, readyPath, settings }: Contestant,
  stores: Readonly<Record<string, string>>,
): Promise<number> {
  await using standIn = await startStandIn();
  const port = await freePort();
  await standIn.deliverTo([port]);
  const startedAtMs = performance.now();
  const answered = standIn
    .talk({ conversations: 1, messages: 1, modelDelayMs: 0, threadTurns: 0 })
    .then(({ lost }) => {
      if (lost > 0) throw new Error(`${program} gave no answer`);
      return performance.now() - startedAtMs;
    });
  const env = { ...settings, ...standIn.settings, ...stores };
  await using _ = await startProgram({ program, readyPath, port, settings: env, withoutProbe: true });
  return await answered;
}
