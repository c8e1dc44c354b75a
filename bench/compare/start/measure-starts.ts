import { parseArgs } from "node:util";

import { freePort } from "../../../test/support/redis-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { chosen, type Contestant } from "../contestants.ts";
import { median } from "../figures.ts";
import { installPackages } from "../install-packages.ts";
import { openStores } from "../open-stores.ts";
import { startProgram } from "../start-program.ts";
import { startStandIn } from "../start-stand-in.ts";

/** Two replicas start no faster than one. */
const isAlone = ({ replicas }: Contestant): boolean => replicas === 1;

/** `npm run bench -- start`: from the start of a program to its first complete answer. Its stores exist already. */
export async function measureStarts(args: readonly string[]): Promise<void> {
  const options = { only: { type: "string", default: "" }, runs: { type: "string", default: "5" } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const wanted = chosen(values.only.split(",").filter((name) => name !== "")).filter(isAlone);
  if (wanted.some(({ needsPackages }) => needsPackages)) installPackages();
  print("| | first answer after ms | fastest | slowest |");
  print("| --- | ---: | ---: | ---: |");
  for (const contestant of wanted) {
    const times = await startTimesMs(contestant, Number(values.runs));
    const cells = [median(times), Math.min(...times), Math.max(...times)].map((each) => Math.round(each));
    print(`| ${contestant.title} | ${cells.join(" | ")} |`);
  }
}

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

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
