import { startApp, type RunningApp } from "./app.ts";
import { ConfigError, readConfig, settingNames, type Config } from "./config/config.ts";
import { warnOfSimilarNames } from "./config/similar-names.ts";
import type { Log } from "./ports/log.ts";
import { StoreError } from "./ports/store-error.ts";
import { bannerOf } from "./banner.ts";
import { isPretty, logStream, openLog } from "./runtime/logging/log.ts";
import { logConsoleOutput } from "./runtime/logging/console-output.ts";
import { logNodeWarnings } from "./runtime/logging/node-warnings.ts";
import { setV8Flags } from "./runtime/v8-flags.ts";
import { makeFilesPrivate } from "./runtime/private-by-default.ts";
import { loadSettingsFile } from "./config/settings-file.ts";

let log: Log | undefined;
makeFilesPrivate();
logNodeWarnings(() => log);
logConsoleOutput(() => log);
const file = loadSettingsFile(".env", process.env, settingNames);
const warnings = [...file.warnings, ...warnOfSimilarNames(process.env, settingNames)];

let isStopping = false;
let app: RunningApp | undefined;
let running: Promise<RunningApp>;
let restarts = 0;
const maxRestarts = 3;
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
running = start();
app = await running;
setV8Flags();

async function start(): Promise<RunningApp> {
  try {
    const config = readConfig(process.env, file.faults);
    if (log === undefined) {
      log = openedLog(config);
      for (const warning of warnings) log.warn({}, warning);
    }
    const started = await startApp(config, log, { onLost: leave, onDamaged: startAgain });
    if (isPretty(config.LOG_FORMAT)) process.stdout.write(bannerOf(config, started.url));
    return started;
  } catch (error) {
    return fail(error);
  }
}

function openedLog({ LOG_LEVEL: level, LOG_FORMAT: format }: Config): Log {
  const opened = openLog(level, logStream(format));
  for (const fault of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(fault, (error) => {
      opened.fatal({ err: error }, "fatal fault");
      process.exit(1);
    });
  }
  return opened;
}

/** Closes everything; a second signal doesn't wait for it. */
function stop(): void {
  if (isStopping) process.exit(130);
  isStopping = true;
  log?.info({}, "stopping");
  // While it still starts, nothing runs that would have to finish.
  if (app === undefined) process.exit(0);
  app[Symbol.asyncDispose]().then(() => process.exit(0), fail);
}

/** Every chat platform is lost. The program ends, so that the operator notices. */
function leave(): void {
  if (isStopping) return;
  isStopping = true;
  const closing = app?.[Symbol.asyncDispose]() ?? Promise.resolve();
  closing.then(() => fail(new Error("No chat platform is left; see the log")), fail);
}

/** A damaged database is recovered when it is opened; that it is damaged again then is not for us to mend. */
function startAgain(): void {
  if (isStopping || restarts >= maxRestarts) return;
  restarts += 1;
  const closing = running.then((each) => each[Symbol.asyncDispose]());
  app = undefined;
  running = closing.then(start);
  running.then((each) => (app = each), fail);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A store says only that something was refused. */
function withCause(error: StoreError): string {
  return error.cause === undefined ? error.message : `${error.message} (${messageOf(error.cause)})`;
}

/** Start-up faults go to stderr, one line each. */
function fail(error: unknown): never {
  const lines =
    error instanceof ConfigError
      ? [...error.faults, ...warnings]
      : [error instanceof StoreError ? withCause(error) : messageOf(error)];
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(1);
}
