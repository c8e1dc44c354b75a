import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

/** Figures, with the machine and the date. */
export function saveJson(file: string, figures: object): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const machine = { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model };
  const atMs = Date.now();
  writeFileSync(
    file,
    `${JSON.stringify({ machine, date: new Date(atMs).toISOString(), ...figures }, undefined, 2)}\n`,
  );
}
