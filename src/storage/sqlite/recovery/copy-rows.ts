import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

import type { DamagedFile } from "./damaged-file.ts";
import { rowsIn, type StoredRow } from "./rows-in.ts";

/** What became of one table. */
export interface Copied {
  readonly rows: number;
  /** Pages and rows that can't be read, or make no sense. */
  readonly lost: number;
}

interface Column {
  readonly name: string;
  /** The rowid under another name: its own place in a row is empty. */
  readonly isRowid: boolean;
  /** Made by SQLite from other columns. */
  readonly isGenerated: boolean;
}

const schemaRoot = 1;

/**
 * Copies every row that can be read into the tables of the same names, in place of what a migration put there. A table that is
 * not there is made, and the indexes of full-text searches are left out: the caller knows what they are made from.
 */
export function copyRows(from: DamagedFile, to: DatabaseSync): ReadonlyMap<string, Copied> {
  const copied = new Map<string, Copied>();
  for (const { name, root, sql } of tablesIn(from)) {
    if (kindOf(to, name) === undefined) makeTable(to, sql);
    if (kindOf(to, name)?.["type"] === "table") copied.set(name, copyTable(from, root, to, name));
  }
  return copied;
}

function tablesIn(from: DamagedFile) {
  const rows = [...rowsIn(from, schemaRoot, () => undefined)];
  return rows.flatMap(({ values: [type, name, , root, sql] }) => {
    const isTable = type === "table" && typeof name === "string" && typeof root === "bigint";
    return isTable && typeof sql === "string" && !name.startsWith("sqlite_")
      ? [{ name, root: Number(root), sql }]
      : [];
  });
}

function kindOf(database: DatabaseSync, name: string) {
  return database
    .prepare("SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?")
    .get(name);
}

function makeTable(database: DatabaseSync, sql: string): void {
  if (!sql.startsWith("CREATE TABLE ")) return;
  try {
    database.exec(sql);
  } catch {
    // Its description is damaged too: it counts as not recovered.
  }
}

function copyTable(from: DamagedFile, root: number, to: DatabaseSync, name: string): Copied {
  const insert = insertInto(to, name);
  let rows = 0;
  let lost = 0;
  for (const row of rowsIn(from, root, () => (lost += 1))) {
    if (rows === 0) to.exec(`DELETE FROM ${quoted(name)}`);
    if (insert(row)) rows += 1;
    else lost += 1;
  }
  return { rows, lost };
}

/** False for what breaks a rule of the table. */
function insertInto(database: DatabaseSync, table: string): (row: StoredRow) => boolean {
  const columns = columnsOf(database, table);
  const statements = new Map<string, StatementSync>();
  return (row) => {
    const cells = cellsOf(row, columns);
    const names = [...cells.keys()].map(quoted).join(", ");
    const places = [...cells.keys()].map(() => "?").join(", ");
    const sql = `INSERT OR IGNORE INTO ${quoted(table)} (${names}) VALUES (${places})`;
    try {
      const statement = statements.get(sql) ?? database.prepare(sql);
      statements.set(sql, statement);
      return statement.run(...cells.values()).changes === 1;
    } catch {
      return false;
    }
  };
}

/** In the order in which a row stores them: without rowids the key comes first. */
function columnsOf(database: DatabaseSync, name: string): readonly Column[] {
  const hasRowids = kindOf(database, name)?.["wr"] === 0;
  const order = hasRowids ? "cid" : "pk = 0, pk, cid";
  const rows = database
    .prepare(`SELECT name, type, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 2 ORDER BY ${order}`)
    .all(name);
  return rows.map(({ name: column, type, pk, hidden }) => ({
    name: String(column),
    isRowid: hasRowids && pk === 1 && String(type).toUpperCase() === "INTEGER",
    isGenerated: hidden === 3,
  }));
}

type Cells = ReadonlyMap<string, SQLInputValue>;

/** A row that was written before a column was added does not have it. */
function cellsOf({ rowid, values }: StoredRow, columns: readonly Column[]): Cells {
  const cells = new Map<string, SQLInputValue>();
  for (const [index, value] of values.entries()) {
    const column = columns[index];
    if (column === undefined || column.isGenerated) continue;
    cells.set(column.name, column.isRowid ? (rowid ?? value) : value);
  }
  return cells;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
