import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { judgeFiles } from "./file-oracle.ts";
import type { Filer } from "./filer.ts";
import { coverageFaults } from "./filing-coverage.ts";
import { keepLogs } from "./keep-logs.ts";
import { keepDoing } from "./mischief.ts";
import { answeredIn, judge, type Talk, type Verdict } from "./oracle.ts";
import { givenAgain, isPressOpen } from "./press-oracle.ts";
import type { Person } from "./people.ts";
import { Random } from "./random.ts";
import type { Run } from "./runs.ts";
import type { Spoken } from "./speech.ts";
import { settle, settleFilers, settleStoppers } from "./settle.ts";
import { openScene, type Scale, type Scene } from "./scene.ts";
import { isNeverStopped, judgeStops } from "./stop-oracle.ts";
import type { Stopper } from "./stopper.ts";
import type { TellingModel } from "./telling-model.ts";

/** One line of the table. */
export interface Report extends Verdict {
  readonly run: Run;
  readonly seed: number;
  readonly messages: number;
  /** Messages redelivered on purpose. */
  readonly repeats: number;
  readonly presses: number;
  /** Answers that were given again. */
  readonly givenAgain: number;
  /** Files that were sent, and how many times a platform was asked for one. */
  readonly files: number;
  readonly readings: number;
  /** Files that were lost, doubled, or kept after they were taken back. */
  readonly wrongFiles: number;
  /** The number of strikes. */
  readonly strikes: number;
  readonly seconds: number;
  /** Empty if every promise was kept. */
  readonly broken: readonly string[];
  /** Where a failed run keeps the bots' logs. */
  readonly logs?: string;
}

const usualTakeOverS = 15;
const pollMs = 200;
/** Longer than a turn's lock, a sweep and the last redelivery, so that nothing is still to come. */
const calmMs = 14_000;
const stillnessMs = 60_000;
/** Many times the length of a run. */
const longestMs = 600_000;

/** The beginning of the first line with a word, which names the table. */
function lineWith(text: string, word: string): string | undefined {
  const at = text.indexOf(word);
  if (at === -1) return undefined;
  const from = text.lastIndexOf("\n", at) + 1;
  return text.slice(from, Math.min(from + 120, at));
}

/** One bad day of the real program, and its result. */
export async function runChaos(run: Run, scale: Scale): Promise<Report> {
  const random = new Random(`${run.name} ${scale.seed}`);
  await using scene = await openScene(run, scale, random);
  const { fleet, model, towns } = scene;
  const startedAtMs = Date.now();
  const people = settle(towns, scale, random);
  const filers = settleFilers(towns, scale, random);
  const stoppers = settleStoppers(towns, scale, random);
  const others = [...filers, ...stoppers];
  const logs = join(tmpdir(), `chaos-${run.name}-${scale.seed}-${startedAtMs}`);
  const strikes = await play(scene, { people, others }, { run, scale, random }).catch((cause: unknown) => {
    keepLogs(logs, { scene, people, filers, stoppers });
    throw new Error(`The run could not go on; the bots' logs are in ${logs}`, { cause });
  });
  await untilAnswered(people, model);
  await Promise.all([...people, ...others].map((person) => person.sayLast()));
  const seconds = (Date.now() - startedAtMs) / 1_000;
  await untilStill([...people, ...others], model);
  await fleet.stopAll();
  const { sabotage } = scale;
  if (sabotage !== undefined && !fleet.logbooks.every(({ text }) => text().includes(sabotage.says))) {
    throw new Error("The sabotage did not work");
  }

  const { lostTimes } = scene;
  const outages = [...scene.outages, ...fleet.downtimes];
  const archived = await scene.archived();
  const verdicts = await scene.verdicts();
  const isFiled = ({ conversation }: Spoken): boolean => conversation >= scale.conversations;
  const kept = await scene.kept();
  const wrongFiles = filers.flatMap((filer) =>
    judgeFiles(filer, {
      asked: model.asked,
      ...(kept === undefined ? {} : { archived, keeps: (word) => lineWith(kept, word) }),
    }),
  );
  const wrongStops = stoppers.flatMap((stopper) => judgeStops(stopper, model.asked));
  const verdict = judge({
    talks: people,
    asked: model.asked.filter(({ said }) => !said.some(isFiled)),
    falls: fleet.falls,
    outages,
    lostTimes,
    archived,
    verdicts,
  });
  const faults = [...fleet.faults, ...model.refusals().map((each) => `the model refused: ${each}`)];
  if (strikes === 0) faults.push("nothing bad happened");
  for (const town of towns) {
    if (town.astray() > 0) faults.push(`astray on ${town.name}: ${town.astray()} posts`);
    if (town.unfinished() > 0) faults.push(`still streaming on ${town.name}: ${town.unfinished()} posts`);
  }
  // A busy machine makes everything slower; a start of the program is more work than a turn.
  const takeOverS = (run.takeOverS ?? usualTakeOverS) + fleet.longestStartMs / 1_000;
  if (lostTimes.length === 0 && wrongFiles.length > 0) faults.push(`wrong files: ${wrongFiles.length}`);
  const files = filers.reduce((total, { filings }) => total + filings.length, 0);
  if (lostTimes.length === 0 && wrongStops.length > 0) faults.push(`wrong stops: ${wrongStops.length}`);
  if (isNeverStopped(stoppers)) faults.push("no Stop had any effect");
  faults.push(...coverageFaults(filers, model.asked, kept));
  const broken = brokenPromises(verdict, faults, takeOverS);
  const report = {
    ...verdict,
    run,
    seed: scale.seed,
    strikes,
    seconds,
    broken,
    messages: people.reduce((total, { saidAtMs }) => total + saidAtMs.length, 0),
    presses: people.reduce((total, { presses }) => total + presses.length, 0),
    givenAgain: people.reduce((total, person) => total + givenAgain(person), 0),
    files,
    readings: towns.reduce((total, town) => total + town.readings(), 0),
    wrongFiles: wrongFiles.length,
    details: [...verdict.details, ...wrongFiles, ...wrongStops],
    repeats: towns.reduce((total, town) => total + town.repeats(), 0),
  };
  if (broken.length === 0) return report;
  keepLogs(logs, { scene, people, filers, stoppers, verdict });
  return { ...report, logs };
}

/** People talk under mischief, which ends when everything is written. Returns how often it struck. */
async function play(
  { fleet, redis, model, towns, way, outages, lostTimes }: Scene,
  { people, others }: { readonly people: readonly Person[]; readonly others: readonly (Filer | Stopper)[] },
  { run, scale, random }: { readonly run: Run; readonly scale: Scale; readonly random: Random },
): Promise<number> {
  const calm = new AbortController();
  const streaming = (): number => towns.reduce((sum, town) => sum + town.streaming(), 0);
  const answered = (): number => people.reduce((sum, person) => sum + answeredIn(person), 0);
  const mischief = keepDoing(
    run.mischief,
    { fleet, redis, model, outages, lostTimes, answered, streaming },
    random.fork("mischief"),
    calm.signal,
  );
  try {
    await Promise.race([
      Promise.all([...people, ...others].map((person) => person.talk(scale.messages - 1))),
      mischief,
      setTimeout(longestMs, undefined, { signal: calm.signal }).then(() => {
        throw new Error(
          `There is no end after ${longestMs / 60_000} minutes: ${answered()} messages are answered`,
        );
      }),
    ]);
  } finally {
    calm.abort();
    way?.calm();
  }
  return (await mischief) + (way?.troubles() ?? 0);
}

function brokenPromises(verdict: Verdict, faults: readonly string[], takeOverS: number): readonly string[] {
  const { lost, doubledAnswers, outOfOrder, wrongPrompts, wronglyArchived, wrongPresses, doubledPosts } =
    verdict;
  const counts = {
    lost,
    doubledAnswers,
    outOfOrder,
    wrongPrompts,
    wronglyArchived,
    wrongPresses,
    // On Slack a line may stand twice, where it carries a call out after nobody waits for it any more; never an answer.
    halfAnswers: verdict.halfAnswers,
    "doubled posts on Discord": doubledPosts.Discord,
  };
  const broken = Object.entries(counts).flatMap(([name, count]) =>
    count === 0 ? [] : [`${name}: ${count}`],
  );
  if (verdict.takeOverS > takeOverS) broken.push(`take-over: ${verdict.takeOverS.toFixed(1)} s`);
  return [...broken, ...faults];
}

async function untilAnswered(talks: readonly Talk[], model: TellingModel): Promise<void> {
  await untilUnchanged(talks, model, stillnessMs, () =>
    talks.every((talk) => answeredIn(talk) === talk.saidAtMs.length && !isPressOpen(talk)),
  );
}

/** Waits until late replicas and queued messages are done. */
async function untilStill(talks: readonly Pick<Talk, "corner">[], model: TellingModel): Promise<void> {
  await untilUnchanged(talks, model, calmMs, () => false);
}

async function untilUnchanged(
  talks: readonly Pick<Talk, "corner">[],
  model: TellingModel,
  quietMs: number,
  isDone: () => boolean,
): Promise<void> {
  let last = "";
  let sinceMs = Date.now();
  while (!isDone()) {
    const now = JSON.stringify([
      talks.map(({ corner }) => corner.seen().map(({ id, text }) => `${id} ${text}`)),
      model.asked.length,
      model.underWay(),
    ]);
    if (now !== last) sinceMs = Date.now();
    last = now;
    if (Date.now() - sinceMs > quietMs) return;
    await setTimeout(pollMs);
  }
}
