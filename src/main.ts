import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";

import { startApp, type RunningApp } from "./app.ts";
import { ConfigError, readConfig } from "./config.ts";
import { openLog } from "./runtime/log.ts";

if (existsSync(".env")) loadEnvFile(".env");
const app = await start();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);

async function start(): Promise<RunningApp> {
  try {
    const config = readConfig(process.env);
    return await startApp(config, openLog(config.LOG_LEVEL), fail);
  } catch (error) {
    fail(error);
  }
}

let isStopping = false;

/** Closes everything; a second signal doesn't wait for it. */
function stop(): void {
  if (isStopping) process.exit(130);
  isStopping = true;
  app[Symbol.asyncDispose]().then(() => process.exit(0), fail);
}

function fail(error: unknown): never {
  const lines =
    error instanceof ConfigError ? error.faults : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(1);
}
