import { DatabaseSync, type StatementSync } from "node:sqlite";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { FileErasure, FileLink, FileName, StoredFile } from "../../ports/file-store.ts";
import { endsBelow, linkEnd, lowestKept } from "../records/link-end.ts";

const version = 1;
const tables = `
  CREATE TABLE content (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, added_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX content_by_age ON content (added_at_ms);
  CREATE TABLE link (conversation TEXT NOT NULL, message TEXT NOT NULL, name TEXT NOT NULL, author TEXT, hash TEXT NOT NULL,
    until_ms INTEGER NOT NULL, PRIMARY KEY (conversation, message, name)) STRICT, WITHOUT ROWID;
  CREATE INDEX link_by_hash ON link (hash);
  CREATE INDEX link_by_end ON link (until_ms);
  PRAGMA user_version = ${version};
`;
const settings = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 2000;
`;
const maxRows = 1_000;
/** SQLITE_CORRUPT, SQLITE_FULL and SQLITE_NOTADB. An extended code has more in its higher bytes. */
const unusableCodes = new Set([11, 13, 26]);

/** Whether an error means that nothing can be removed from the index: its file is damaged or closed, or the disk is full. */
export function isUnusable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error) return unusableCodes.has(Number(error.errcode) & 0xff);
  return "code" in error && error.code === "ERR_INVALID_STATE";
}

/** Which files a folder has and what they belong to, in SQLite. Every call is one short transaction. */
export class FileIndex implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {Error} if the file is damaged, or of another version. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec(settings);
      const found = Number(this.#row("PRAGMA user_version")?.["user_version"]);
      if (found === 0) this.#transaction(() => this.#database.exec(tables));
      else if (found !== version) throw new RangeError("The index of files is of another version");
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  add({ hash, sizeBytes }: StoredFile, nowMs: number): void {
    const sql = `INSERT INTO content VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET added_at_ms = excluded.added_at_ms`;
    this.#run(sql, hash, sizeBytes, nowMs);
  }

  /** False if the content is not stored. */
  link(link: FileLink, hash: string): boolean {
    const { conversation, message = "", name, author } = link;
    const sql = `INSERT INTO link SELECT ?, ?, ?, ?, hash, ? FROM content WHERE hash = ?
      ON CONFLICT (conversation, message, name) DO UPDATE
      SET author = excluded.author, hash = excluded.hash, until_ms = excluded.until_ms`;
    return this.#run(sql, conversation, message, name, author ?? null, linkEnd(link), hash) > 0;
  }

  /** False if there is no such link any more. */
  keep(
    { conversation, message = "", name }: FileName,
    { saidAtMs, nowMs }: { readonly saidAtMs: number; readonly nowMs: number },
  ): boolean {
    const sql = `UPDATE link SET until_ms = iif(until_ms < ?, ?, until_ms)
      WHERE conversation = ? AND message = ? AND name = ? AND until_ms > ?`;
    return this.#run(sql, lowestKept, linkEnd({ saidAtMs }), conversation, message, name, nowMs) > 0;
  }

  find({ conversation, message = "", name }: FileName, nowMs: number): StoredFile | undefined {
    const sql = `SELECT hash, size FROM link JOIN content USING (hash)
      WHERE conversation = ? AND message = ? AND name = ? AND until_ms > ?`;
    const row = this.#row(sql, conversation, message, name, nowMs);
    return row === undefined ? undefined : { hash: String(row["hash"]), sizeBytes: Number(row["size"]) };
  }

  has(hash: string): boolean {
    return this.#row("SELECT 1 FROM content WHERE hash = ?", hash) !== undefined;
  }

  totalBytes(): number {
    return Number(this.#row("SELECT total(size) AS bytes FROM content")?.["bytes"]);
  }

  /** Removes a link, and the content that only it had. Returns the latter's hash. */
  unlink({ conversation, message = "", name }: FileName): readonly string[] {
    const sql = "DELETE FROM link WHERE conversation = ? AND message = ? AND name = ? RETURNING hash";
    return this.#transaction(() =>
      this.#hashes(sql, conversation, message, name).filter((hash) => this.#removeIfUnlinked(hash)),
    );
  }

  /** Removes the links of erased messages, and the contents that only they had. Returns the latter's hashes. */
  erase(conversation: ConversationKey, erasures: readonly FileErasure[]): readonly string[] {
    return this.#removeWith(() => erasures.flatMap((erasure) => this.#unlink(conversation, erasure)));
  }

  /** Removes links that stay of messages said before a time, and the contents that only they had. Returns the latter's hashes. */
  expire(saidBeforeMs: number): readonly string[] {
    const sql = "DELETE FROM link WHERE until_ms >= ? AND until_ms < ? RETURNING hash";
    return this.#removeWith(() => this.#hashes(sql, lowestKept, endsBelow(saidBeforeMs)));
  }

  /** Removes links that ended by `nowMs`, and contents without links from before `addedBeforeMs`. Returns the latter's hashes. */
  sweep(nowMs: number, addedBeforeMs: number): readonly string[] {
    return this.#transaction(() => {
      this.#run("DELETE FROM link WHERE until_ms <= ?", nowMs);
      const sql = `SELECT hash FROM content WHERE added_at_ms < ?
        AND NOT EXISTS (SELECT 1 FROM link WHERE link.hash = content.hash) LIMIT ${maxRows}`;
      const hashes = this.#hashes(sql, addedBeforeMs);
      return hashes.filter((hash) => this.#removeIfUnlinked(hash));
    });
  }

  /** Removes the oldest content with its links. Undefined: there is none. */
  removeOldest(): string | undefined {
    return this.#transaction(() => {
      const [oldest] = this.#hashes("SELECT hash FROM content ORDER BY added_at_ms LIMIT 1");
      if (oldest === undefined) return undefined;
      this.#run("DELETE FROM link WHERE hash = ?", oldest);
      this.#removeIfUnlinked(oldest);
      return oldest;
    });
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Returns the hashes of the removed links. */
  #unlink(conversation: ConversationKey, erasure: FileErasure): readonly string[] {
    const remove = (which: string, ...values: readonly (string | number)[]) =>
      this.#hashes(
        `DELETE FROM link WHERE conversation = ? AND ${which} RETURNING hash`,
        conversation,
        ...values,
      );
    if (erasure.kind === "message") return remove("message IN (?, '')", erasure.message);
    if (erasure.kind === "edited")
      return remove("message IN (?, '') AND until_ms < ?", erasure.message ?? "", lowestKept);
    const below = endsBelow(erasure.beforeMs);
    if (erasure.kind === "all") return remove("until_ms < ?", below);
    return remove("(author = ? OR message = '') AND until_ms < ?", erasure.author, below);
  }

  /** Returns the hashes of the contents that no link has any more. */
  #removeWith(unlink: () => readonly string[]): readonly string[] {
    return this.#transaction(() => [...new Set(unlink())].filter((hash) => this.#removeIfUnlinked(hash)));
  }

  #removeIfUnlinked(hash: string): boolean {
    const sql = "DELETE FROM content WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM link WHERE link.hash = ?)";
    return this.#run(sql, hash, hash) > 0;
  }

  #hashes(sql: string, ...values: readonly (string | number)[]): readonly string[] {
    return this.#prepared(sql)
      .all(...values)
      .map(({ hash }) => String(hash));
  }

  #row(sql: string, ...values: readonly (string | number)[]): Readonly<Record<string, unknown>> | undefined {
    return this.#prepared(sql).get(...values);
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
