import { setTimeout } from "node:timers/promises";

import { contestantNamed } from "../contestants.ts";
import { percentile, sum } from "../figures.ts";
import { openContestant, type OpenContestant } from "../open-contestant.ts";
import { WebPerson, type WebAnswer } from "./web-person.ts";
import type { Scenario, ScenarioRow, ScenarioRun } from "./scenario.ts";

type Size = "sockets" | "talking" | "answers" | "quiet";

/** Pages that are opened at the same time. */
const atOnce = 50;

/** `npm run bench -- sockets` */
export const sockets: Scenario<Size> = {
  title: "Open pages of the web chat",
  sizes: {
    sockets: { usual: 2_000, quick: 200 },
    /** People among them who ask questions, and questions of each. */
    talking: { usual: 16, quick: 4 },
    answers: { usual: 30, quick: 5 },
    /** Seconds in which nobody talks. */
    quiet: { usual: 20, quick: 1 },
  },
  only: ["ours-redis"],
  measure: async (run) => {
    const { sizes } = run;
    const rows: ScenarioRow[] = [];
    for (const name of run.only) {
      const alone = await measureSockets(name, run, sizes.talking);
      rows.push(alone, withEachPage(await measureSockets(name, run, sizes.sockets), alone, sizes));
    }
    return {
      what:
        `Each page has a WebSocket, a person and an open conversation of its own. ${sizes.talking} people ask ${sizes.answers} questions each, one after ` +
        "another, of a model without delay; before that, all are quiet. RSS and heap are those after a garbage collection, at the end; " +
        "the first row is the same with no other pages open.",
      rows,
      checks: rows.map(({ name, figures }) => ({
        what: `${name}: pages that were closed, answers that were lost or doubled`,
        value: sum(["closed", "lost", "doubled"].map((each) => figures[each] ?? 0)),
        atMost: 0,
      })),
    };
  },
};

/** With what the pages take that only the second row has. */
function withEachPage(
  row: ScenarioRow,
  alone: ScenarioRow,
  { sockets: all, talking }: ScenarioRun<Size>["sizes"],
): ScenarioRow {
  const more = (row.figures["RSS MiB"] ?? 0) - (alone.figures["RSS MiB"] ?? 0);
  return { ...row, figures: { ...row.figures, "RSS KiB per page more": (more * 1_024) / (all - talking) } };
}

async function measureSockets(
  name: string,
  { sizes, opened, note }: ScenarioRun<Size>,
  count: number,
): Promise<ScenarioRow> {
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const settings = { LIMIT_WEB_TURNS: "0", LIMIT_WEB_TOKENS: "0", LIMIT_ADDRESS_TURNS: "0" };
  const bot = await openContestant(contestantNamed(name), part, { settings, withoutSlack: true });
  note(`${name}: opens ${count} pages`);
  const people = await openPages(bot, count);
  part.defer(() => people.forEach((each) => each.leave()));
  const talking = people.slice(0, sizes.talking);
  // Compiles the code.
  await talk(talking, sizes.answers);
  note(`${name}: ${sizes.quiet} s of quiet, then ${sizes.talking * sizes.answers} questions`);
  const quiet = await loopDelayDuring(bot, () => setTimeout(sizes.quiet * 1_000));
  let answers: readonly (WebAnswer | undefined)[] = [];
  const busy = await loopDelayDuring(bot, async () => {
    answers = await talk(talking, sizes.answers);
  });
  const after = await bot.memory();
  const given = answers.filter((each) => each !== undefined);
  return {
    name: `${name}, ${count.toLocaleString("en")} pages`,
    figures: {
      "RSS MiB": after.rssMiB,
      "heap MiB": after.heapMiB,
      "loop p99 ms, quiet": quiet,
      "loop p99 ms, talking": busy,
      "first text ms, p50": percentile(
        given.map(({ firstTextMs }) => firstTextMs),
        0.5,
      ),
      "first text ms, p99": percentile(
        given.map(({ firstTextMs }) => firstTextMs),
        0.99,
      ),
      "complete ms, p50": percentile(
        given.map(({ completeMs }) => completeMs),
        0.5,
      ),
      closed: people.filter(({ isOpen }) => !isOpen).length,
      lost: answers.length - given.length,
      doubled: sum(people.map(({ doubled }) => doubled)),
    },
  };
}

async function openPages({ ports: [port] }: OpenContestant, count: number): Promise<readonly WebPerson[]> {
  const people: WebPerson[] = [];
  while (people.length < count) {
    const batch = Array.from({ length: Math.min(atOnce, count - people.length) }, (_, index) =>
      WebPerson.open(people.length + index, `http://127.0.0.1:${port}`),
    );
    people.push(...(await Promise.all(batch)));
  }
  return people;
}

async function talk(
  people: readonly WebPerson[],
  answers: number,
): Promise<readonly (WebAnswer | undefined)[]> {
  const all = await Promise.all(
    people.map(async (person) => {
      const given: (WebAnswer | undefined)[] = [];
      for (let count = 0; count < answers; count += 1) given.push(await person.ask());
      return given;
    }),
  );
  return all.flat();
}

/** The 99th percentile, in ms, of the slowest of its processes. */
async function loopDelayDuring({ programs }: OpenContestant, work: () => Promise<void>): Promise<number> {
  await Promise.all(programs.map((each) => each.ask({ probe: "begin", profiles: false })));
  await work();
  const ends = await Promise.all(programs.map((each) => each.ask({ probe: "end", profileFile: "" })));
  return Math.max(...ends.map(({ loopDelayP99Ms }) => loopDelayP99Ms));
}
