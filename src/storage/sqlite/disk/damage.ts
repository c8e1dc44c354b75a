import { existsSync, writeFileSync } from "node:fs";

const corrupt = 11;
const noDatabase = 26;

/** Whether SQLite says of a file that it is damaged. */
export function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error && "errcode" in error)) return false;
  // The higher bits say more about it.
  const code = Number(error.errcode) % 256;
  return code === corrupt || code === noDatabase;
}

/** The file that tells the next start to recover a database. */
export function damageMark(file: string): string {
  return `${file}.damaged`;
}

export function isMarkedAsDamaged(file: string): boolean {
  return existsSync(damageMark(file));
}

export function markAsDamaged(file: string): void {
  writeFileSync(damageMark(file), "", { mode: 0o600 });
}
