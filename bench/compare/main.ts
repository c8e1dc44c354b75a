// What `npm run bench` starts. See docs/performance.md for all options and for how to read the tables.
import { compare } from "./compare.ts";
import { files } from "./scenarios/files.ts";
import { idle } from "./scenarios/idle.ts";
import { long } from "./scenarios/long.ts";
import { recovery } from "./scenarios/recovery.ts";
import { runScenario } from "./scenarios/run-scenario.ts";
import { sockets } from "./scenarios/sockets.ts";
import { start } from "./scenarios/start.ts";
import { window } from "./scenarios/window.ts";
import { isUsageError, usage, UsageError } from "./usage.ts";

const scenarios: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  start: (args) => runScenario(start, args),
  long: (args) => runScenario(long, args),
  window: (args) => runScenario(window, args),
  idle: (args) => runScenario(idle, args),
  sockets: (args) => runScenario(sockets, args),
  files: (args) => runScenario(files, args),
  recovery: (args) => runScenario(recovery, args),
};

const args = process.argv.slice(2);
try {
  if (args.includes("--help") || args.includes("-h"))
    process.stdout.write(`${usage(Object.keys(scenarios))}\n`);
  else await bench(args);
} catch (error) {
  if (!isUsageError(error)) throw error;
  process.stderr.write(`${error.message}\n\n${usage(Object.keys(scenarios))}\n`);
  process.exitCode = 2;
}

async function bench([first = "", ...rest]: readonly string[]): Promise<void> {
  const scenario = scenarios[first];
  if (scenario !== undefined) return scenario(rest);
  if (first === "" || first.startsWith("-")) return compare(args);
  throw new UsageError(`${first} is unknown; there are ${Object.keys(scenarios).join(", ")}`);
}
