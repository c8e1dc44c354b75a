import { setTimeout } from "node:timers/promises";

import type { Check } from "../checks.ts";
import { contestantNamed } from "../contestants.ts";
import { median, sum } from "../figures.ts";
import { SlackRooms, type RoomQuestion } from "./slack-rooms.ts";
import type { Scenario, ScenarioRow, ScenarioRun } from "./scenario.ts";

type Size = "k" | "kills" | "stream" | "patience";

const mostMs = 15_000;
const pollMs = 5;
/** A second answer would come in this time. */
const settleMs = 3_000;

/** `npm run bench -- recovery` */
export const recovery: Scenario<Size> = {
  title: "Recovery after kill -9",
  sizes: {
    /** Answers that are running at the kill. */
    k: { usual: 16, quick: 4 },
    kills: { usual: 3, quick: 1 },
    /** How long the model takes for an answer that is going to be killed, in ms. */
    stream: { usual: 10_000, quick: 4_000 },
    /** An answer that is not complete after so many ms is lost. */
    patience: { usual: 60_000, quick: 60_000 },
  },
  only: ["ours-sqlite", "ours-redis", "ours-redis-2"],
  measure: async (run) => {
    const rows: ScenarioRow[] = [];
    for (const name of run.only) rows.push(await measureRecovery(name, run));
    return {
      what:
        `${run.sizes.k} conversations each wait for an answer, which is shown in part or half written. Then a process is killed: the only one, which is started ` +
        `again at once, or one of two, which stays away until all answers are there. After the kill the model answers at once. ` +
        `Times are from the kill on; ${run.sizes.kills} kills. Doubled are posts beyond one for each question.`,
      rows,
      checks: rows.flatMap(checksOf),
    };
  },
};

function checksOf({ name, figures }: ScenarioRow): readonly Check[] {
  return [
    {
      what: `${name}, ms to the last complete answer`,
      value: figures["complete ms, max"] ?? 0,
      atMost: mostMs,
    },
    {
      what: `${name}, lost and doubled answers`,
      value: sum([figures["lost"] ?? 0, figures["doubled"] ?? 0]),
      atMost: 0,
    },
  ];
}

/** What one kill did. Times are in ms, from the kill on. */
interface Recovered {
  readonly running: number;
  readonly readyMs: number | undefined;
  readonly askedAgainMs: readonly number[];
  readonly completeMs: readonly number[];
  readonly lost: number;
  readonly doubled: number;
}

async function measureRecovery(
  name: string,
  { sizes, opened, note }: ScenarioRun<Size>,
): Promise<ScenarioRow> {
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const rooms = new SlackRooms(contestantNamed(name), sizes.k, part);
  await rooms.open();
  const kills: Recovered[] = [];
  for (let kill = 1; kill <= sizes.kills; kill += 1) {
    note(`${name}: kill ${kill} of ${sizes.kills}`);
    kills.push(await killOnce(rooms, sizes));
  }
  const all = (of: (kill: Recovered) => readonly number[]): readonly number[] => kills.flatMap(of);
  const total = (of: (kill: Recovered) => number): number => sum(kills.map(of));
  const readyMs = kills.flatMap((each) => each.readyMs ?? []);
  const [askedAgainMs, completeMs] = [all((each) => each.askedAgainMs), all((each) => each.completeMs)];
  return {
    name: contestantNamed(name).replicas === 1 ? `${name}, started again` : `${name}, the other one alive`,
    figures: {
      "running at the kill": total((each) => each.running),
      "ready again ms": readyMs.length === 0 ? undefined : median(readyMs),
      "asked again": askedAgainMs.length,
      "asked again ms, p50": median(askedAgainMs),
      "asked again ms, max": Math.max(0, ...askedAgainMs),
      "complete ms, p50": median(completeMs),
      "complete ms, max": Math.max(0, ...completeMs),
      lost: total((each) => each.lost),
      doubled: total((each) => each.doubled),
    },
  };
}

async function killOnce(
  rooms: SlackRooms,
  { stream, patience }: ScenarioRun<Size>["sizes"],
): Promise<Recovered> {
  const extraPosts = rooms.extraPosts();
  rooms.streamMs = stream;
  const before = rooms.requests();
  const questions = await rooms.askAll();
  // Slack's limits may hold the first words back.
  const isInMiddle = (question: RoomQuestion): boolean =>
    rooms.state(question) !== "waiting" ||
    Date.now() - (rooms.askedSince(before).get(question.key) ?? Infinity) > stream / 2;
  while (!questions.every(isInMiddle)) await setTimeout(pollMs);
  const running = questions.filter((each) => rooms.state(each) !== "complete");
  const requests = rooms.requests();
  const killedAtMs = Date.now();
  await rooms.kill();
  rooms.streamMs = 0;
  const restarted = rooms.isAlone ? rooms.start().then(() => Date.now() - killedAtMs) : undefined;
  const completeMs: number[] = [];
  const open = new Set(running);
  while (open.size > 0 && Date.now() - killedAtMs < patience) {
    for (const each of open) {
      if (rooms.state(each) !== "complete") continue;
      open.delete(each);
      completeMs.push(Date.now() - killedAtMs);
    }
    await setTimeout(pollMs);
  }
  const readyMs = await restarted;
  const again = rooms.askedSince(requests);
  await setTimeout(settleMs);
  const doubled = rooms.extraPosts() - extraPosts;
  if (!rooms.isAlone) await rooms.start();
  return {
    running: running.length,
    readyMs,
    askedAgainMs: running.flatMap(({ key }) => again.get(key) ?? []).map((atMs) => atMs - killedAtMs),
    completeMs,
    lost: open.size,
    doubled,
  };
}
