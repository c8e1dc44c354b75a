import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { contestantNamed } from "../contestants.ts";
import { percentile, sum } from "../figures.ts";
import { openContestant } from "../open-contestant.ts";
import type { Scenario, ScenarioRow, ScenarioRun } from "./scenario.ts";

type Size = "turns" | "k" | "looks";

const mib = 2 ** 20;
/** Logs that nobody empties are twice as large at the end as in the middle. */
const mostGrowth = 1.5;

/** `npm run bench -- files` */
export const files: Scenario<Size> = {
  title: "SQLite's files over many turns",
  sizes: {
    turns: { usual: 100_000, quick: 2_000 },
    k: { usual: 128, quick: 16 },
    /** How often the files are looked at. */
    looks: { usual: 10, quick: 4 },
  },
  only: ["ours-sqlite"],
  measure: async (run) => {
    const rows: ScenarioRow[] = [];
    for (const name of run.only) rows.push(...(await measureFiles(name, run)));
    return {
      what:
        `${run.sizes.k} conversations, each in a new thread after 20 turns, a model without delay. The hot file holds what was talked about ` +
        "lately and marks of deliveries of the last day; the archive holds every message.",
      rows,
      checks: [
        {
          what: "the largest logs (WAL) of the second half ÷ of the first",
          value: growthOf(rows),
          atMost: mostGrowth,
        },
      ],
    };
  },
};

function growthOf(rows: readonly ScenarioRow[]): number {
  const logs = rows.map(({ figures }) => figures["WAL MiB"] ?? 0);
  const half = Math.ceil(logs.length / 2);
  return Math.max(0, ...logs.slice(half)) / Math.max(Number.MIN_VALUE, ...logs.slice(0, half));
}

async function measureFiles(
  name: string,
  { sizes, opened, note }: ScenarioRun<Size>,
): Promise<readonly ScenarioRow[]> {
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const { path } = part.use(temporaryFolder());
  const bot = await openContestant(contestantNamed(name), part, { settings: { DATA_DIR: path } });
  const rows: ScenarioRow[] = [];
  for (let look = 1; look <= sizes.looks; look += 1) {
    const messages = Math.round(sizes.turns / sizes.looks);
    const talked = await bot.standIn.talk({
      conversations: sizes.k,
      messages,
      modelDelayMs: 0,
      threadTurns: 20,
    });
    const turns = look * messages;
    note(`${name}: ${turns} turns`);
    rows.push({
      name: `${name}, ${turns.toLocaleString("en")} turns`,
      figures: {
        ...sizesIn(path),
        "msg/s": messages / talked.seconds,
        "p99 ms": percentile(talked.answerMs, 0.99),
        "max ms": percentile(talked.answerMs, 1),
        lost: talked.lost,
        doubled: talked.doubled,
      },
    });
  }
  return rows;
}

function sizesIn(folder: string): ScenarioRow["figures"] {
  const found = readdirSync(folder).map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
  const total = (of: (name: string) => boolean): number =>
    sum(found.filter(({ name }) => of(name)).map(({ bytes }) => bytes)) / mib;
  return {
    "hot file MiB": total((name) => name === "threadkeeper.sqlite"),
    "archive MiB": total((name) => name === "ledger.sqlite"),
    "WAL MiB": total((name) => name.endsWith("-wal")),
    "all MiB": total(() => true),
  };
}
