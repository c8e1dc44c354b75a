import { chmodSync, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Log } from "../../../ports/log.ts";
import { copyRows, type Copied } from "./copy-rows.ts";
import { damageMark, isDamage, isMarkedAsDamaged } from "../disk/damage.ts";
import { DamagedFile } from "./damaged-file.ts";
import { faultAtFirstGlance } from "./quick-check.ts";

/** How the tables of a database come to be. */
export interface Schema {
  /** Applied in order, once each; the database's user_version is how many are applied. */
  readonly migrations: readonly string[];
  /** Run after a recovery, with all migrations applied: makes whole what follows from other rows. */
  readonly repair: string;
  /** What its triggers call. */
  readonly addFunctions?: (database: DatabaseSync) => void;
}

const leastFileBytes = 512;
/** What is checked as a whole before it is opened: some 10 ms. */
export const mostBytesAtStart = 2 ** 23;
const cutLog = "the end of its write-ahead log can't be read";
const advice = "It holds what people wrote: remove it when you need it no more";

/**
 * Makes sure that a database can be opened: a damaged one is replaced by what can be read of it, and kept beside as
 * `<file>.broken-<time>`. Says so, in one line at error. One that a newer version wrote is left alone. Nobody else may
 * have it open. A big file is only glanced at, unless it is marked as damaged: see background-check.ts. Throws what the file system or SQLite says of a file that can't be read or written.
 */
export function recoverDatabase(file: string, schema: Schema, log: Log): void {
  if (!existsSync(file) && !existsSync(`${file}-wal`)) return;
  using found = new DamagedFile(file);
  const { version } = found;
  if (version !== undefined && version > schema.migrations.length) return;
  const broken = `${file}.broken-${new Date().toISOString().replaceAll(/[-:.]/gu, "")}`;
  const why = version !== undefined && found.isCutWithinAPage() ? "it was cut short" : faultOf(file, found);
  if (why === undefined && found.log.isDamaged) keepLog(file, broken, log);
  if (why === undefined) return rmSync(damageMark(file), { force: true });
  for (const end of ["", "-wal"]) keepBeside(`${file}${end}`, `${broken}${end}`);
  const copied = version === undefined ? startAnew(file) : rebuild(file, { found, version, schema });
  const facts = {
    database: basename(file),
    broken,
    why: found.log.isDamaged ? `${why}; ${cutLog}` : why,
    recovered: countsOf(copied, "rows"),
    lost: countsOf(copied, "lost"),
  };
  rmSync(damageMark(file), { force: true });
  log.error(facts, `a damaged database was set aside, and what can be read of it goes on. ${advice}`);
}

/** SQLite passes over what it can't read of a log, and goes on writing in the same file. */
function keepLog(file: string, broken: string, log: Log): void {
  copyFileSync(`${file}-wal`, `${broken}-wal`);
  chmodSync(`${broken}-wal`, 0o600);
  const facts = { database: basename(file), broken: `${broken}-wal`, why: cutLog };
  log.error(facts, `what was written last to a database is lost. ${advice}`);
}

/** Undefined for a whole database. */
function faultOf(file: string, found: DamagedFile): string | undefined {
  if (!existsSync(file)) return "it is missing";
  const { size } = statSync(file);
  // To SQLite either is a database in which there is nothing yet.
  if (size < leastFileBytes) return size === 0 ? "it is empty" : "it was cut short";
  if (size > mostBytesAtStart && !isMarkedAsDamaged(file)) return faultAtFirstGlance(found);
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const isWhole = firstLineOf(database, "PRAGMA quick_check(1)") === "ok";
    return isWhole ? undefined : firstLineOf(database, "PRAGMA integrity_check(1)");
  } catch (error) {
    if (isDamage(error)) return error.message;
    throw error;
  }
}

function firstLineOf(database: DatabaseSync, check: string): string {
  return String(Object.values(database.prepare(check).get() ?? {})[0]);
}

/** Under another name too, from now on for its owner alone; without a copy where the file system can do that. */
function keepBeside(file: string, broken: string): void {
  if (!existsSync(file)) return;
  try {
    linkSync(file, broken);
  } catch {
    copyFileSync(file, broken);
  }
  chmodSync(broken, 0o600);
}

interface Damaged {
  readonly found: DamagedFile;
  readonly version: number;
  readonly schema: Schema;
}

type AllCopied = ReadonlyMap<string, Copied>;

function startAnew(file: string): AllCopied {
  for (const name of [`${file}-wal`, `${file}-shm`, file]) rmSync(name, { force: true });
  return new Map();
}

/** Whatever interrupts it, the damaged database is found again, or the whole one. */
function rebuild(file: string, damaged: Damaged): AllCopied {
  const fresh = `${file}.recovering`;
  for (const name of [fresh, `${fresh}-journal`]) rmSync(name, { force: true });
  const copied = fill(fresh, damaged);
  // The new file must never meet the log of the old one.
  for (const name of [`${file}-wal`, `${file}-shm`]) rmSync(name, { force: true });
  renameSync(fresh, file);
  return copied;
}

function fill(fresh: string, { found, version, schema }: Damaged): AllCopied {
  const { migrations, repair, addFunctions } = schema;
  using database = new DatabaseSync(fresh);
  chmodSync(fresh, 0o600);
  addFunctions?.(database);
  database.exec("BEGIN");
  for (const migration of migrations.slice(0, version)) database.exec(migration);
  const copied = copyRows(found, database);
  for (const migration of migrations.slice(version)) database.exec(migration);
  database.exec(`${repair}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  return copied;
}

/** By table, without those that have none. */
function countsOf(copied: AllCopied, what: keyof Copied): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...copied].map(([name, each]) => [name, each[what]] as const).filter(([, n]) => n > 0),
  );
}
