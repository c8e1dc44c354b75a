import { existsSync, writeFileSync } from "node:fs";

const corrupt = 11;
const noDatabase = 26;

/** Whether SQLite reports a damaged file. */
export function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error && "errcode" in error)) return false;
  // The higher bits hold the extended code.
  const code = Number(error.errcode) % 256;
  return code === corrupt || code === noDatabase;
}

/** The file that makes the next start recover a database. */
export function damageMark(file: string): string {
  return `${file}.damaged`;
}

export function isMarkedAsDamaged(file: string): boolean {
  return existsSync(damageMark(file));
}

export function markAsDamaged(file: string): void {
  writeFileSync(damageMark(file), "", { mode: 0o600 });
}
