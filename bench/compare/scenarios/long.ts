import type { Check } from "../checks.ts";
import { contestantNamed } from "../contestants.ts";
import { openContestant } from "../open-contestant.ts";
import type { Scenario, ScenarioReport, ScenarioRow, ScenarioRun } from "./scenario.ts";
import { Cycles } from "./window-cycles.ts";

type Size = "messages" | "early" | "turns" | "full";

const smallWindow = "2000";
const mostRatio = 1.2;
const mostMemoryBytes = 4_096;

/** `npm run bench -- long` */
export const long: Scenario<Size> = {
  title: "A long conversation, and a full window",
  sizes: {
    /** Of the long conversation, and of the short one that it is compared with: each is a question with its answer. */
    messages: { usual: 10_000, quick: 600 },
    early: { usual: 1_000, quick: 200 },
    /** Measured in each of them. */
    turns: { usual: 300, quick: 60 },
    /** The window that memory's bytes are measured with, in tokens. */
    full: { usual: 16_000, quick: 4_000 },
  },
  only: ["ours-redis", "ours-sqlite"],
  measure: async (run) => {
    const rows: ScenarioRow[] = [];
    const checks: Check[] = [];
    for (const name of run.only) {
      const found = await lateAndEarly(name, run);
      rows.push(...found.rows);
      checks.push(...found.checks);
      if (!contestantNamed(name).usesRedis) continue;
      const { row, bytes } = await fullWindow(name, run);
      rows.push(row);
      checks.push({
        what: `${name}, bytes written to memory per turn at a full window`,
        value: bytes,
        atMost: mostMemoryBytes,
      });
    }
    return {
      what:
        `A person asks ${run.sizes.messages.toLocaleString("en")} questions in one thread, and ${run.sizes.early.toLocaleString("en")} in another one of ` +
        `the same bot, with CONTEXT_TOKENS=${smallWindow}. Then the turns of both are measured in turn, each over whole cycles from one cut of the window to ` +
        "the next. Times are the median of the cycles' means, CPU is the mean of all turns. Bytes to the store are those that the bot sends to Redis; bytes to memory are the keys and values of the " +
        "conversation's memory among them; paced are those of turns of which each begins when the archive has the ones before.",
      rows,
      checks,
    };
  },
};

async function lateAndEarly(
  name: string,
  { sizes, opened, note }: ScenarioRun<Size>,
): Promise<Pick<ScenarioReport, "rows" | "checks">> {
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const bot = await openContestant(contestantNamed(name), part, {
    settings: { CONTEXT_TOKENS: smallWindow },
  });
  const lengths = [sizes.messages, sizes.early] as const;
  for (const [from, messages] of lengths.entries()) {
    note(`${name}: a conversation of ${messages} messages`);
    await bot.standIn.talk({ conversations: 1, from, messages, modelDelayMs: 0, threadTurns: 0 });
  }
  const [late, early] = [new Cycles(bot, 0), new Cycles(bot, 1)];
  note(`${name}: measures ${sizes.turns} turns of each`);
  // In turn, so that a slow minute of the machine hits both.
  while (late.turns < sizes.turns || early.turns < sizes.turns) {
    await late.measureOne();
    await early.measureOne();
  }
  const rows: ScenarioRow[] = [];
  for (const [index, cycles] of [late, early].entries()) {
    rows.push({
      name: `${name}, after ${lengths[index]?.toLocaleString("en")} messages`,
      figures: { ...cycles.figures(), "bytes to memory": await cycles.memoryBytesPerTurn() },
    });
  }
  return { rows, checks: checksOf(name, rows) };
}

function checksOf(name: string, [late, early]: readonly ScenarioRow[]): readonly Check[] {
  return ["ms per turn", "CPU ms", "KiB to the store"].flatMap((figure) => {
    const [a, b] = [late?.figures[figure], early?.figures[figure]];
    if (a === undefined || b === undefined || b === 0) return [];
    return [{ what: `${name}, ${figure} ÷ early`, value: a / b, atMost: mostRatio }];
  });
}

async function fullWindow(
  name: string,
  { sizes, opened, note }: ScenarioRun<Size>,
): Promise<{ readonly row: ScenarioRow; readonly bytes: number }> {
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const bot = await openContestant(contestantNamed(name), part, {
    settings: { CONTEXT_TOKENS: String(sizes.full) },
  });
  note(`${name}: fills a window of ${sizes.full} tokens`);
  const cycles = new Cycles(bot, 0);
  await cycles.measureOne();
  const unpaced = await cycles.memoryBytesPerTurn();
  note(`${name}: a cycle in which the archive keeps up`);
  const bytes = (await cycles.memoryBytesPerTurn("paced")) ?? 0;
  const title = `${name}, full window of ${sizes.full.toLocaleString("en")} tokens`;
  return {
    row: {
      name: title,
      figures: { ...cycles.figures(), "bytes to memory": unpaced, "bytes to memory, paced": bytes },
    },
    bytes,
  };
}
