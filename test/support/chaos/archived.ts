import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { Client } from "pg";

import { columns, messages } from "../../../src/storage/postgres/archive/archive-sql.ts";
import { openMessages } from "../../../src/storage/postgres/archive/sealed-message.ts";
import { fileWordsIn, spokenIn, versionsIn, type Spoken } from "./speech.ts";

/** One text in the archive. */
export interface ArchivedText {
  readonly role: string;
  readonly spoken: readonly Spoken[];
  /** Of answers. */
  readonly versions: readonly number[];
  /** Those of files. */
  readonly words: readonly string[];
}

/** The archive's content: of Postgres, or of all replicas' files together, which must be closed. */
export async function readArchive(
  folders: readonly string[],
  postgresUrl: string | undefined,
): Promise<readonly ArchivedText[]> {
  const rows = postgresUrl === undefined ? folders.flatMap(rowsOfFile) : await rowsOfPostgres(postgresUrl);
  // Each replica syncs what it finds, so that two may have the same message. The newest version comes last, and counts.
  const texts = new Map(
    rows
      .toSorted(byVersion)
      .map(({ conversation, id, role, text }) => [
        `${String(conversation)} ${String(id)}`,
        toArchived(String(role), String(text)),
      ]),
  );
  return [...texts.values()];
}

function toArchived(role: string, text: string): ArchivedText {
  return { role, spoken: spokenIn(text), versions: versionsIn(text), words: fileWordsIn(text) };
}

interface Row {
  readonly conversation?: unknown;
  readonly id?: unknown;
  readonly role?: unknown;
  readonly text?: unknown;
  readonly revision?: unknown;
}

function byVersion(one: Row, other: Row): number {
  return Number(one.revision) - Number(other.revision);
}

function rowsOfFile(folder: string): readonly Row[] {
  const file = join(folder, "ledger.sqlite");
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare("SELECT conversation, id, role, text, revision FROM message").all();
  } finally {
    database.close();
  }
}

async function rowsOfPostgres(url: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await openMessages((await client.query(`SELECT ${columns} FROM ${messages}`)).rows);
  } finally {
    await client.end();
  }
}
