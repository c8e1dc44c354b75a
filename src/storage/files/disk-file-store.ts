import { randomBytes } from "node:crypto";
import { mkdir, open as openFile, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Clock } from "../../ports/clock.ts";
import { FileStoreError, type FileLimits, type FileStore, type StoredFile } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import { ContentFolder } from "./content-folder.ts";
import { FileIndex, isUnusable } from "./file-index.ts";

/** Bytes without a link are kept this long: their link may be on its way. */
const unlinkedMs = 10 * 60_000;
const orphanCheckMs = 3_600_000;

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens the files below a folder, with their index. No other process may use it. A damaged index is replaced, and its files are
 * removed. So is what a crash left: it may be of a message that was deleted since.
 */
export async function openDiskFileStore(
  folder: string,
  limits: FileLimits,
  { clock, log }: Ports,
): Promise<FileStore> {
  const index = await openIndex(folder).catch((error: unknown) => replaceIndex(folder, error, log));
  const replace = (error: unknown) => replaceIndex(folder, error, log);
  const contents = new ContentFolder(folder);
  await removeLeftovers(index, contents).catch((error: unknown) =>
    log.warn(
      { err: error },
      "what a crash left of stored files can't be removed now; it is swept within hours",
    ),
  );
  return new DiskFileStore(index, contents, { limits, clock, replace });
}

async function openIndex(folder: string): Promise<FileIndex> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "index.sqlite");
  // For their owner alone, whatever the umask. SQLite's other files get the rights of this one.
  await (await openFile(path, "a", 0o600)).close();
  return new FileIndex(path);
}

/** Nothing is on its way yet, so bytes without a link or an index entry are of an ended process. */
async function removeLeftovers(index: FileIndex, contents: ContentFolder): Promise<void> {
  const { signal } = new AbortController();
  for (let some = index.sweep(0, Infinity); some.length > 0; some = index.sweep(0, Infinity))
    for (const hash of some) await contents.remove(hash);
  await contents.removeOrphans((hash) => index.has(hash), Infinity, signal);
}

/** Removes all files with their index, and begins again. */
async function replaceIndex(folder: string, error: unknown, log: Log): Promise<FileIndex> {
  log.warn(
    { err: error },
    "the index of stored files can't be used, so all are removed; they are read again when needed",
  );
  await rm(folder, { recursive: true, force: true });
  return openIndex(folder);
}

/** Bytes in a folder, index in SQLite. The bytes come first: a crash in between leaves an orphan, which is swept. */
class DiskFileStore implements FileStore {
  #index: FileIndex;
  readonly #folder: ContentFolder;
  readonly #limits: FileLimits;
  readonly #clock: Clock;
  readonly #replace: (error: unknown) => Promise<FileIndex>;
  /** Adding and removing exclude each other, so that no file is removed after it was added again. */
  #last: Promise<unknown> = Promise.resolve();
  #nextOrphanCheckMs = 0;

  constructor(
    index: FileIndex,
    folder: ContentFolder,
    {
      limits,
      clock,
      replace,
    }: {
      readonly limits: FileLimits;
      readonly clock: Clock;
      readonly replace: (error: unknown) => Promise<FileIndex>;
    },
  ) {
    this.#index = index;
    this.#folder = folder;
    this.#limits = limits;
    this.#clock = clock;
    this.#replace = replace;
  }

  readonly put: FileStore["put"] = (bytes, signal) =>
    orFileStoreError(async () => {
      const name = randomBytes(12).toString("hex");
      const given = { maxBytes: this.#limits.maxFileBytes, name };
      const { path, ...stored } = await this.#folder.write(bytes, given, signal);
      try {
        await this.#alone(() => this.#add(path, stored));
      } finally {
        await rm(path, { force: true });
      }
      return stored;
    });

  readonly link: FileStore["link"] = (link, hash) =>
    orFileStoreError(async () => this.#index.link(link, hash));

  readonly keep: FileStore["keep"] = (file, at) => orFileStoreError(async () => this.#index.keep(file, at));

  readonly find: FileStore["find"] = (file, nowMs) =>
    orFileStoreError(async () => this.#index.find(file, nowMs));

  readonly read: FileStore["read"] = (hash, range) => orFileStoreError(() => this.#folder.read(hash, range));

  readonly unlink: FileStore["unlink"] = (file) =>
    this.#clean(async () => this.#remove(this.#index.unlink(file)));

  readonly erase: FileStore["erase"] = (conversation, erasures) =>
    this.#clean(async () => this.#remove(this.#index.erase(conversation, erasures)));

  readonly expire: FileStore["expire"] = (saidBeforeMs) =>
    this.#clean(async () => this.#remove(this.#index.expire(saidBeforeMs)));

  readonly sweep: FileStore["sweep"] = (nowMs, signal) =>
    this.#clean(async () => {
      await this.#remove(this.#index.sweep(nowMs, nowMs - unlinkedMs));
      if (nowMs < this.#nextOrphanCheckMs) return;
      this.#nextOrphanCheckMs = nowMs + orphanCheckMs;
      await this.#folder.removeOrphans((hash) => this.#index.has(hash), nowMs - unlinkedMs, signal);
    });

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    this.#index[Symbol.dispose]();
  }

  async #add(path: string, stored: StoredFile): Promise<void> {
    const { hash, sizeBytes } = stored;
    while (!this.#index.has(hash) && this.#index.totalBytes() + sizeBytes > this.#limits.maxTotalBytes) {
      const oldest = this.#index.removeOldest();
      if (oldest === undefined) throw new FileStoreError("too-large", "The file is too large to store");
      await this.#folder.remove(oldest);
    }
    await this.#folder.keep(path, hash);
    this.#index.add(stored, this.#clock.nowMs());
  }

  async #remove(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) await this.#folder.remove(hash);
  }

  /** With a damaged index, or on a full disk, nothing could be erased any more. So all files go, which also makes room. */
  async #clean(work: () => Promise<void>): Promise<void> {
    const orReplace = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!isUnusable(error)) throw error;
        this.#index[Symbol.dispose]();
        this.#index = await this.#replace(error);
      }
    };
    return this.#alone(() => orFileStoreError(orReplace));
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

async function orFileStoreError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FileStoreError || (cause instanceof Error && cause.name === "AbortError"))
      throw cause;
    throw new FileStoreError("unavailable", "The stored files can't be read or written", { cause });
  }
}
