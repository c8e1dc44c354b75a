import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import type { Log } from "../../../ports/log.ts";
import { markAsDamaged } from "../disk/damage.ts";
import { mostBytesAtStart } from "./recover-database.ts";

export interface CheckPorts {
  readonly log: Log;
  /** The file is marked: the next start recovers it. */
  readonly onDamaged?: () => void;
}

/**
 * Checks a big database file, that the start has only glanced at, while it is in use. Disposing it ends the check. It
 * reads the whole file once, in a process of its own.
 */
export function checkInBackground(file: string, { log, onDamaged }: CheckPorts): Disposable {
  const controller = new AbortController();
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > mostBytesAtStart) void check(file, controller.signal).then(tell, complain);
  return { [Symbol.dispose]: () => controller.abort() };

  function tell(fault: string): void {
    if (fault === "" || controller.signal.aborted) return;
    markAsDamaged(file);
    const facts = { database: basename(file), why: fault };
    log.error(facts, "a database is damaged: the program starts again, and recovers what can be read of it");
    onDamaged?.();
  }

  function complain(error: unknown): void {
    if (!controller.signal.aborted)
      log.warn({ err: error, database: basename(file) }, "a database could not be checked");
  }
}

async function check(file: string, signal: AbortSignal): Promise<string> {
  const script = fileURLToPath(new URL("./check-file.ts", import.meta.url));
  const child = spawn(process.execPath, [script, file], {
    stdio: ["ignore", "pipe", "ignore"],
    signal,
    killSignal: "SIGKILL",
  });
  const ended = once(child, "close");
  ended.catch(() => undefined);
  let said = "";
  for await (const bytes of child.stdout) said += String(bytes);
  const [code] = await ended;
  if (code !== 0) throw new Error(`The check ended with ${String(code)}`);
  return said;
}
