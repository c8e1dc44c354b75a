import { createHmac } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Clock } from "../../../ports/clock.ts";
import {
  FileStoreError,
  type FileErasure,
  type FileLimits,
  type FileStore,
  type StoredFile,
} from "../../../ports/file-store.ts";
import type { Postgres } from "../database/postgres.ts";
import type { Query, Row } from "../database/query.ts";
import { endsBelow, linkEnd, lowestKept } from "../../records/link-end.ts";
import { drawKeys, keyOf } from "../sealing/keys.ts";
import { sealBytes, unsealBytes } from "../sealing/seal.ts";
import { cutIntoPieces, pieceBytes } from "./pieces.ts";
import { sql } from "./file-sql.ts";

/** Bytes without a link are kept this long: their link may be on its way. */
const unlinkedMs = 10 * 60_000;

interface Ports {
  readonly postgres: Postgres;
  /** The archive's secret key: a hash of a short text tells the text to those who can guess it. */
  readonly hashKey: Buffer;
  readonly limits: FileLimits;
  readonly clock: Clock;
}

/** The files in Postgres, sealed in pieces. The keys of removed files are erased with those of removed texts. */
export class PostgresFileStore implements FileStore {
  readonly #ports: Ports;

  /** Does not own `postgres`. */
  constructor(ports: Ports) {
    this.#ports = ports;
  }

  readonly put: FileStore["put"] = async (bytes, signal) => {
    const { hashKey, limits, clock } = this.#ports;
    const hash = createHmac("sha256", hashKey);
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const piece of cutIntoPieces(bytes)) {
      signal.throwIfAborted();
      sizeBytes += piece.length;
      if (sizeBytes > limits.maxFileBytes)
        throw new FileStoreError("too-large", "The file is too large to store");
      hash.update(piece);
      pieces.push(piece);
      await setImmediate();
    }
    const stored = { hash: hash.digest("hex"), sizeBytes };
    await this.#transaction((query) => this.#insert(query, { stored, pieces, nowMs: clock.nowMs() }), signal);
    return stored;
  };

  readonly link: FileStore["link"] = async (link, hash, signal) => {
    const { conversation, message = "", name, author } = link;
    const values = [conversation, message, name, author ?? null, linkEnd(link), hash];
    return (await this.#query(sql.link, values, signal)).length > 0;
  };

  readonly keep: FileStore["keep"] = async (file, { saidAtMs, nowMs }, signal) => {
    const { conversation, message = "", name } = file;
    const values = [conversation, message, name, linkEnd({ saidAtMs }), nowMs, lowestKept];
    return (await this.#query(sql.keep, values, signal)).length > 0;
  };

  readonly find: FileStore["find"] = async ({ conversation, message = "", name }, nowMs, signal) => {
    const [row] = await this.#query(sql.find, [conversation, message, name, nowMs], signal);
    return row === undefined ? undefined : { hash: String(row["hash"]), sizeBytes: Number(row["size"]) };
  };

  readonly read: FileStore["read"] = async (hash, { from, to }, signal) => {
    const [file] = await this.#query(sql.size, [hash], signal);
    if (file === undefined) return undefined;
    const end = Math.min(to, Number(file["size"]));
    if (end <= from) return new Uint8Array(0);
    const first = Math.floor(from / pieceBytes);
    const last = Math.floor((end - 1) / pieceBytes);
    const bytes = new Uint8Array(end - from);
    for (let part = first; part <= last; part += 1) {
      const [row] = await this.#query(sql.piece, [hash, part], signal);
      const piece = row === undefined ? undefined : open(row);
      if (piece === undefined) return undefined;
      const start = part * pieceBytes;
      bytes.set(piece.subarray(Math.max(0, from - start), end - start), Math.max(0, start - from));
    }
    return bytes;
  };

  readonly unlink: FileStore["unlink"] = ({ conversation, message = "", name }, signal) =>
    this.#transaction(async (query) => {
      const unlinked = await query(sql.unlinkOne, [conversation, message, name]);
      await query(sql.removeUnlinked, [unlinked.map(({ hash }) => hash)]);
    }, signal);

  readonly erase: FileStore["erase"] = (conversation, erasures, signal) =>
    this.#transaction(async (query) => {
      const unlinked = new Set<unknown>();
      for (const erasure of erasures)
        for (const { hash } of await unlink(query, conversation, erasure)) unlinked.add(hash);
      await query(sql.removeUnlinked, [[...unlinked]]);
    }, signal);

  readonly expire: FileStore["expire"] = (saidBeforeMs, signal) =>
    this.#transaction(async (query) => {
      const unlinked = await query(sql.unlinkSaidBefore, [lowestKept, endsBelow(saidBeforeMs)]);
      await query(sql.removeUnlinked, [[...new Set(unlinked.map(({ hash }) => hash))]]);
    }, signal);

  readonly sweep: FileStore["sweep"] = (nowMs, signal) =>
    this.#transaction(async (query) => {
      await query(sql.endLinks, [nowMs]);
      await query(sql.sweep, [nowMs - unlinkedMs]);
    }, signal);

  async [Symbol.asyncDispose](): Promise<void> {
    // The archive closes the connections.
  }

  async #insert(
    query: Query,
    given: { readonly stored: StoredFile; readonly pieces: readonly Uint8Array[]; readonly nowMs: number },
  ): Promise<void> {
    const { stored, pieces, nowMs } = given;
    const { hash, sizeBytes } = stored;
    if ((await query(sql.touch, [hash, nowMs])).length > 0) return;
    await query(sql.makeRoom, [this.#ports.limits.maxTotalBytes - sizeBytes]);
    const [key] = await drawKeys(query, "file", 1);
    if (key === undefined) throw new RangeError("No key was drawn");
    // Another replica may have inserted it since.
    if ((await query(sql.insert, [hash, sizeBytes, nowMs, key.number])).length === 0) return;
    for (const [part, piece] of pieces.entries()) {
      await query(sql.insertPiece, [hash, part, sealBytes(key.bytes, piece)]);
      await setImmediate();
    }
  }

  #query(statement: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> {
    return orFileStoreError(() => this.#ports.postgres.query(statement, values, signal), signal);
  }

  #transaction(work: (query: Query) => Promise<void>, signal: AbortSignal): Promise<void> {
    return orFileStoreError(() => this.#ports.postgres.transaction(work, signal), signal);
  }
}

function unlink(query: Query, conversation: ConversationKey, erasure: FileErasure): Promise<readonly Row[]> {
  if (erasure.kind === "message" || erasure.kind === "edited") {
    const below = erasure.kind === "edited" ? lowestKept : endsBelow(undefined);
    return query(sql.unlinkMessage, [conversation, erasure.message ?? "", below]);
  }
  const below = endsBelow(erasure.beforeMs);
  if (erasure.kind === "all") return query(sql.unlinkAll, [conversation, below]);
  return query(sql.unlinkAuthor, [conversation, erasure.author, below]);
}

/** Undefined if its key is erased. */
function open(row: Row): Buffer | undefined {
  const key = keyOf(row);
  return key === undefined || !Buffer.isBuffer(row["sealed"])
    ? undefined
    : unsealBytes(key.bytes, row["sealed"]);
}

async function orFileStoreError<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    throw new FileStoreError("unavailable", "The stored files can't be read or written", { cause });
  }
}
