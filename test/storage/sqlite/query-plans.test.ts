import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test, vi } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { ArchiveFile } from "../../../src/storage/sqlite/archive/archive-file.ts";
import { archiveReader } from "../../../src/storage/sqlite/archive/archive-reader.ts";
import { openArchiveDatabase } from "../../../src/storage/sqlite/archive/open-archive-database.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const log = new RecordingLog();
const listeners = { broadcast: new InProcessBroadcast(), interruptions: new InProcessInterruptions() };
/** Tables with one row or a few. */
const small = new Set([
  "cleanup",
  "epoch",
  "expired",
  "last",
  "merging",
  "presence",
  "sqlite_schema",
  "unindexed",
  "whole",
]);
/** Statements that read one row, list what waits or is quarantined, or run once an hour. */
const mayLookThroughAll = [
  // A conversation's newest message, and whether it has any.
  "SELECT head.*, MAX(COALESCE(head.next_ordinal",
  "DELETE FROM head WHERE conversation IN",
  "SELECT inbox.conversation, MIN(inbox.seq)",
  "SELECT reference, conversation, why, at_ms FROM dead_letter",
  "UPDATE forgetting SET held_until_ms = ?2",
  "DELETE FROM forgetting WHERE before_ms",
  "DELETE FROM set_aside WHERE at_ms",
  "DELETE FROM author WHERE at_ms",
  "DELETE FROM erased WHERE at_ms",
  "DELETE FROM erased_author WHERE at_ms",
  "DELETE FROM forgotten WHERE before_ms",
];

test("no statement of the archive scans all messages, or a whole conversation", async () => {
  using folder = temporaryFolder();
  const clean = openArchiveDatabase({ dataDir: folder.path, mayRecover: true }, { log });
  using prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  archiveReader(clean.database);
  await using file = new ArchiveFile(clean);
  expect(file).toBeDefined();
  const all = statementsOf(prepare.mock.calls);
  expect(all.length).toBeGreaterThan(40);
  expect(all.flatMap((sql) => costlyStepsOf(clean.database, sql))).toEqual([]);
});

test("no statement of the hot store scans all rows", async () => {
  using folder = temporaryFolder();
  using prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  await using stores = await openSqliteStores(folder.path, { ids, inbounds, log, listeners });
  expect(stores.name).toBe("store");
  const all = statementsOf(prepare.mock.calls);
  expect(all.length).toBeGreaterThan(60);
  using database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"), { readOnly: true });
  expect(all.flatMap((sql) => costlyStepsOf(database, sql))).toEqual([]);
});

/** Without pragmas, schema changes and statements on a table of format 2. */
function statementsOf(calls: readonly (readonly [string, ...unknown[]])[]): readonly string[] {
  const all = new Set(calls.map(([sql]) => sql.trim()));
  return [...all].filter(
    (sql) => /^(?:DELETE|INSERT|SELECT|UPDATE|WITH)/u.test(sql) && !sql.includes("search_old_data"),
  );
}

/** The plan's steps whose cost grows with the data, not with the query. */
function costlyStepsOf(database: DatabaseSync, sql: string): readonly string[] {
  const oneLine = sql.replaceAll(/\s+/gu, " ").trim();
  if (mayLookThroughAll.some((beginning) => oneLine.startsWith(beginning))) return [];
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  return steps
    .map(({ detail }) => String(detail))
    .filter(isCostly)
    .map((step) => `${step} in: ${oneLine}`);
}

function isCostly(step: string): boolean {
  if (/^SEARCH message USING .*\(conversation=\?\)$/u.test(step)) return true;
  const scanned = /^SCAN (?<name>\w+)(?<more>.*)$/u.exec(step)?.groups;
  if (scanned === undefined || /VIRTUAL TABLE/u.test(scanned["more"] ?? "")) return false;
  return !small.has(scanned["name"] ?? "") && step !== "SCAN CONSTANT ROW" && scanned["name"] !== "next";
}
