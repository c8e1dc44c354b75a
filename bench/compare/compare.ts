import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { chosen, type Contestant } from "./contestants.ts";
import { median } from "./figures.ts";
import { installPackages } from "./install-packages.ts";
import { messagesFor, readOptions, warmUpFor, type BenchOptions } from "./options.ts";
import { profileReport, profileTable, type CpuProfile } from "./profile-table.ts";
import { reportOf } from "./report.ts";
import type { Result } from "./run.ts";
import { ContestantBench, type Measure } from "./run-contestant.ts";

const shownLines = 4;

/** Measures contestants side by side on the same work, and prints the tables. */
export async function compare(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const wanted = chosen(options.only, options.contextTokens);
  if (wanted.some(({ needsPackages }) => needsPackages)) installPackages();
  print(introduction(options));
  const results: Result[] = [];
  for (const modelDelayMs of options.modelDelaysMs) {
    for (const conversations of options.conversations) {
      using folder = temporaryFolder();
      const measure: Measure = {
        conversations,
        modelDelayMs,
        warmUpMessages: warmUpFor(conversations, options),
        messages: messagesFor(conversations, options),
        threadTurns: options.threadTurns,
        profileFolder: options.profiles ? folder.path : "",
      };
      const measured = await measureAll(wanted, measure, options.runs);
      print(reportOf(measured));
      if (options.profiles) for (const each of measured) print(profileOf(each, folder.path));
      results.push(...measured);
    }
  }
  if (options.jsonFile !== "") save(options, results);
}

/** All are started and warmed up first. Then they take turns, so that a slow minute of the machine hits all of them. */
async function measureAll(
  wanted: readonly Contestant[],
  measure: Measure,
  runs: number,
): Promise<readonly Result[]> {
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
  const results: Result[] = [];
  for (const bench of benches) {
    results.push(await bench.result());
    const lines = bench.output().split("\n");
    const said = lines.filter((line) => line !== "ready" && line !== "").slice(-shownLines);
    if (said.length > 0) note(`${results.at(-1)?.title} wrote, among other things:\n${said.join("\n")}`);
  }
  return results;
}

/** Whoever stops the bench leaves no server behind. */
function endedBySignal(opened: AsyncDisposable): Disposable {
  const stop = (): void => {
    const closed = opened[Symbol.asyncDispose]();
    closed.then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return { [Symbol.dispose]: () => void process.off("SIGINT", stop).off("SIGTERM", stop) };
}

function introduction(options: BenchOptions): string {
  const { threadTurns, contextTokens } = options;
  const threads =
    threadTurns === 0
      ? "A thread never ends"
      : `After ${threadTurns} turns a conversation goes on in a new thread`;
  const tokens = contextTokens === undefined ? "" : `, with CONTEXT_TOKENS=${contextTokens}`;
  return [
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${new Date().toISOString().slice(0, 10)}.`,
    "",
    "Each conversation asks its next question when the answer to the last one is complete in its thread. " +
      `${threads}. The others send the last 20 messages of a thread to the model, ours what its window holds${tokens}; ` +
      '"messages in the prompt" is the mean that was measured, with instructions and question. Redis appends to a file; ' +
      "Postgres waits for the disk. Ours runs without limits for people and places, and logs warnings only. ± is half of " +
      "the distance between the fastest and the slowest run.",
  ].join("\n");
}

function profileOf({ name, title, conversations, runs }: Result, folder: string): string {
  const files = readdirSync(folder).filter((each) => each.startsWith(`${name}-${conversations}-`));
  const profiles = files.map((each): CpuProfile => JSON.parse(readFileSync(join(folder, each), "utf8")));
  return profileReport(title, profileTable(profiles), median(runs.map(({ cpuSPer1000 }) => cpuSPer1000)));
}

function save({ jsonFile }: BenchOptions, results: readonly Result[]): void {
  mkdirSync(join(jsonFile, ".."), { recursive: true });
  const machine = { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model };
  const atMs = Date.now();
  writeFileSync(
    jsonFile,
    `${JSON.stringify({ machine, date: new Date(atMs).toISOString(), results }, undefined, 2)}\n`,
  );
}

/** The result goes to stdout. */
function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
