import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";

import { fromBufferPromise, type Entry, type ZipFile } from "yauzl";

import { maxEntries, maxUnpackedBytes } from "../text/limits.ts";
import { Unreadable } from "../text/unreadable.ts";

/** The parts of a zip archive, by their paths. They are unpacked while they are read, and only once they are needed. */
export class ZipParts {
  readonly #archive: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** How many bytes may still be unpacked. */
  #room: number;

  private constructor(archive: ZipFile, entries: ReadonlyMap<string, Entry>, maxBytes: number) {
    this.#archive = archive;
    this.#entries = entries;
    this.#room = maxBytes;
  }

  /** @throws {Unreadable} */
  static async open(bytes: Uint8Array<ArrayBuffer>, maxBytes = maxUnpackedBytes): Promise<ZipParts> {
    // yauzl checks that an entry unpacks to no more than it says.
    const archive = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      lazyEntries: true,
      autoClose: false,
    });
    if (archive.entryCount > maxEntries) throw new Unreadable("too-large");
    const entries = new Map<string, Entry>();
    for await (const entry of archive.eachEntry()) {
      const path = partPath(entry.fileName);
      // Two parts with one path: programs differ in which one they show.
      if (entries.has(path)) throw new Unreadable("broken");
      entries.set(path, entry);
    }
    return new ZipParts(archive, entries, maxBytes);
  }

  has(path: string): boolean {
    return this.#entries.has(partPath(path));
  }

  /** Its bytes. Undefined: there is no such part. @throws {Unreadable} while they are read. */
  async read(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const entry = this.#entries.get(partPath(path));
    if (entry === undefined) return undefined;
    if (entry.isEncrypted()) throw new Unreadable("encrypted");
    const stream = await this.#archive.openReadStreamPromise(entry);
    return this.#checked(entry, stream);
  }

  async *#checked(entry: Entry, stream: Readable): AsyncGenerator<Uint8Array> {
    let sum = 0;
    for await (const chunk of stream) {
      const bytes: Uint8Array = chunk;
      this.#room -= bytes.length;
      if (this.#room < 0) throw new Unreadable("too-large");
      sum = crc32(bytes, sum);
      yield bytes;
    }
    if (sum !== entry.crc32) throw new Unreadable("broken");
  }
}

/** Office programs compare paths without case. */
function partPath(path: string): string {
  return path.replace(/^\//u, "").toLowerCase();
}
