import { mkdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { resolve } from "node:path";

import { endedBySignal } from "./ended-by-signal.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { chosen, type Contestant } from "./contestants.ts";
import { median } from "./figures.ts";
import { installPackages } from "./install-packages.ts";
import { leadInFor, messagesFor, readOptions, warmUpFor, type BenchOptions } from "./options.ts";
import { profileReport } from "./profile-report.ts";
import type { CpuProfile } from "./profile-table.ts";
import { reportOf } from "./report.ts";
import { saveJson } from "./save-json.ts";
import type { Result } from "./run.ts";
import { ContestantBench, type Measure } from "./run-contestant.ts";
import { targetsOf } from "./targets.ts";

const shownLines = 4;

/** Measures contestants side by side on the same work, and prints the tables. */
export async function compare(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const wanted = chosen(options.only, options.contextTokens);
  if (wanted.some(({ needsPackages }) => needsPackages)) installPackages();
  print(introduction(options));
  const results: Result[] = [];
  const targets: object[] = [];
  for (const modelDelayMs of options.modelDelaysMs) {
    for (const conversations of options.conversations) {
      using folder = temporaryFolder();
      const measure: Measure = {
        conversations,
        modelDelayMs,
        warmUpMessages: warmUpFor(conversations, options),
        leadInMessages: leadInFor(options),
        messages: messagesFor(conversations, options),
        threadTurns: options.threadTurns,
        profileFolder: profileFolderOf(options, folder.path),
      };
      const measured = await measureAll(wanted, measure, options.runs);
      const table = measured.map(({ result }) => result);
      print(reportOf(table));
      if (options.profiles) for (const each of measured) print(profileOf(each));
      results.push(...table);
      targets.push({ conversations, modelDelayMs, checks: targetsOf(table) });
      // After each table: what was measured stays, also if the bench is stopped.
      if (options.jsonFile !== "") saveJson(options.jsonFile, { results, targets });
    }
  }
}

function profileFolderOf({ profiles, profileFolder }: BenchOptions, temporary: string): string {
  if (!profiles || profileFolder === "") return profiles ? temporary : "";
  mkdirSync(profileFolder, { recursive: true });
  // The programs have another working folder.
  return resolve(profileFolder);
}

interface Measured {
  readonly result: Result;
  readonly profiles: readonly string[];
}

/** All are started and warmed up first. Then they take turns, so that a slow minute of the machine hits all of them. */
async function measureAll(
  wanted: readonly Contestant[],
  measure: Measure,
  runs: number,
): Promise<readonly Measured[]> {
  await using opened = new AsyncDisposableStack();
  using _ = endedBySignal(opened);
  const benches: ContestantBench[] = [];
  for (const contestant of wanted) {
    const bench = opened.use(new ContestantBench(contestant, measure));
    note(`${contestant.title}: starts and warms up, ${measure.conversations} conversations`);
    await bench.start();
    await bench.warmUp();
    benches.push(bench);
  }
  for (let run = 0; run < runs; run += 1) {
    for (const [index, bench] of benches.entries()) {
      note(`${wanted[index]?.title}: run ${run + 1} of ${runs}`);
      await bench.run();
    }
  }
  const measured: Measured[] = [];
  for (const bench of benches) {
    const result = await bench.result();
    measured.push({ result, profiles: bench.profiles() });
    const lines = bench.output().split("\n");
    const said = lines.filter((line) => line !== "ready" && line !== "").slice(-shownLines);
    if (said.length > 0) note(`${result.title} wrote, among other things:\n${said.join("\n")}`);
  }
  return measured;
}

function introduction(options: BenchOptions): string {
  const { threadTurns, contextTokens } = options;
  const threads =
    threadTurns === 0
      ? "A thread never ends: the others send its last 20 messages to the model, ours what its window holds"
      : `After ${threadTurns} turns a conversation goes on in a new thread, and nobody cuts the history of one before: the ` +
        `model gets 1, 3, 5 … ${2 * threadTurns - 1} messages of a thread with the question, ${threadTurns} in the mean`;
  const tokens = contextTokens === undefined ? "" : `, with CONTEXT_TOKENS=${contextTokens}`;
  return [
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${new Date().toISOString().slice(0, 10)}.`,
    "",
    "Each conversation asks its next question when the answer to the last one is complete in its thread. " +
      `${threads}${tokens}; "messages in the prompt" is the mean that was measured. Redis appends to a file; ` +
      "Postgres waits for the disk. Ours runs without limits for people and places, and logs warnings only. ± is half of " +
      "the distance between the fastest and the slowest run.",
  ].join("\n");
}

function profileOf({ result: { title, runs }, profiles }: Measured): string {
  const read = profiles.map((each): CpuProfile => JSON.parse(readFileSync(each, "utf8")));
  return profileReport(title, read, median(runs.map(({ cpuSPer1000 }) => cpuSPer1000)));
}

/** The result goes to stdout. */
function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
