// npm run bench                                        everything; takes more than an hour
// npm run bench -- --quick --only ours-redis,chat-sdk  a first look
// npm run bench -- long --quick                        one of the scenarios below
// See docs/performance.md for all options and for how to read the tables.
import { compare } from "./compare.ts";
import { files } from "./scenarios/files.ts";
import { idle } from "./scenarios/idle.ts";
import { long } from "./scenarios/long.ts";
import { recovery } from "./scenarios/recovery.ts";
import { runScenario } from "./scenarios/run-scenario.ts";
import { sockets } from "./scenarios/sockets.ts";
import { start } from "./scenarios/start.ts";
import { window } from "./scenarios/window.ts";

const scenarios: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  start: (args) => runScenario(start, args),
  long: (args) => runScenario(long, args),
  window: (args) => runScenario(window, args),
  idle: (args) => runScenario(idle, args),
  sockets: (args) => runScenario(sockets, args),
  files: (args) => runScenario(files, args),
  recovery: (args) => runScenario(recovery, args),
};

const [first = "", ...rest] = process.argv.slice(2);
const run = scenarios[first];
if (run !== undefined) await run(rest);
else if (first === "" || first.startsWith("-")) await compare(process.argv.slice(2));
else throw new TypeError(`${first} is unknown; there are ${Object.keys(scenarios).join(", ")}`);
