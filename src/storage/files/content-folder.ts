import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { FileStoreError, type StoredFile } from "../../ports/file-store.ts";

const sliceBytes = 1_024 ** 2;
const hashed = /^[0-9a-f]{64}$/u;

/**
 * Files under the SHA-256 of their content: `ab/abcd…`. A file is complete as soon as it has its name: it is written under
 * another one, synced, and renamed.
 */
export class ContentFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes bytes under a temporary name. The caller keeps or drops them. @throws {FileStoreError} above `maxBytes`. */
  async write(
    bytes: Uint8Array | AsyncIterable<Uint8Array>,
    { maxBytes, name }: { readonly maxBytes: number; readonly name: string },
    signal: AbortSignal,
  ): Promise<StoredFile & { readonly path: string }> {
    const path = join(this.#path, `${name}.new`);
    const hash = createHash("sha256");
    let sizeBytes = 0;
    const file = await open(path, "wx", 0o600);
    try {
      await using _ = file;
      for await (const piece of bytes instanceof Uint8Array ? slicesOf(bytes) : bytes) {
        signal.throwIfAborted();
        sizeBytes += piece.length;
        if (sizeBytes > maxBytes) throw new FileStoreError("too-large", "The file is too large to store");
        hash.update(piece);
        await writeAll(file, piece);
      }
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return { hash: hash.digest("hex"), sizeBytes, path };
  }

  /** Gives a written file its name. */
  async keep(path: string, hash: string): Promise<void> {
    const folder = join(this.#path, hash.slice(0, 2));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(path, join(folder, hash));
    await using opened = await open(folder, "r");
    await opened.sync();
  }

  /** Undefined if there is no such file. */
  async read(
    hash: string,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!hashed.test(hash)) return undefined;
    try {
      await using file = await open(this.#pathOf(hash), "r");
      const { size } = await file.stat();
      const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      return bytesRead === bytes.length ? bytes : bytes.slice(0, bytesRead);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(hash: string): Promise<void> {
    await rm(this.#pathOf(hash), { force: true });
  }

  /** Removes what a crash left: unfinished files, and files that the index does not know, both from before `beforeMs`. */
  async removeOrphans(
    isKnown: (hash: string) => boolean,
    beforeMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    for (const entry of await readdir(this.#path, { withFileTypes: true })) {
      signal.throwIfAborted();
      const path = join(this.#path, entry.name);
      if (entry.name.endsWith(".new")) await removeIfOlder(path, beforeMs);
      if (!entry.isDirectory()) continue;
      for (const name of await readdir(path)) {
        if (hashed.test(name) && !isKnown(name)) await removeIfOlder(join(path, name), beforeMs);
      }
    }
  }

  #pathOf(hash: string): string {
    return join(this.#path, hash.slice(0, 2), hash);
  }
}

/** Hashing one slice takes about a millisecond. */
function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sliceBytes) yield bytes.subarray(at, at + sliceBytes);
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
}

async function removeIfOlder(path: string, beforeMs: number): Promise<void> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  if (mtimeMs < beforeMs) await rm(path, { force: true });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
