import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { BotSettings } from "./bot-process.ts";

const source = new URL("../../src/", import.meta.url);

/** Runs one of the operator's programs to its end. @param file in `src` @param input what it reads */
export async function runProgram(
  file: string,
  settings: BotSettings,
  order: readonly string[],
  input = "",
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, source)), ...order], {
    cwd: settings["DATA_DIR"],
    env: { PATH, NODE_COMPILE_CACHE, ...settings },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  child.stdin.end(input);
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}
