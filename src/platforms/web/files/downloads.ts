import type { TextFile } from "../../../ports/platform-private-replies.ts";
import { FileStoreError, type FileStore, type StoredFile } from "../../../ports/file-store.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { keyFor, type WebPlace } from "../wire/keys.ts";

/** How long a link works. */
const lifetimeMs = 60 * 60_000;
/** A long file is stored in parts, which fit into every store. In UTF-16 code units, of at most 3 bytes each. */
const partChars = 4 * 1_024 ** 2;

interface DownloadPorts {
  readonly files: FileStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A stored file of a person. */
export interface Download {
  /** Names it in the URL; can't be guessed. */
  readonly id: string;
  readonly bytes: number;
}

/** Files that people may download for an hour, until anything in their conversation is erased. */
export class Downloads {
  readonly #ports: DownloadPorts;

  constructor(ports: DownloadPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} */
  async store(place: WebPlace, { text }: TextFile, signal: AbortSignal): Promise<Download> {
    const parts = partsOf(text);
    const id = `${this.#ports.ids.turn()}-${parts.length}`;
    let bytes = 0;
    try {
      for (const [index, part] of parts.entries())
        bytes += await this.#storePart(place, { id, index }, part, signal);
    } catch (error) {
      if (!(error instanceof FileStoreError)) throw error;
      throw new PlatformError("unreachable", "The file store can't keep the file", { cause: error });
    }
    return { id, bytes };
  }

  /** The stored parts, in order. Undefined: there is no such file for this person, or no more. @throws {FileStoreError} */
  async find(place: WebPlace, id: string, signal: AbortSignal): Promise<readonly StoredFile[] | undefined> {
    const { files, clock } = this.#ports;
    const count = Number(/^[\w-]{1,64}-(?<parts>[1-9]\d{0,2})$/u.exec(id)?.groups?.["parts"]);
    if (Number.isNaN(count)) return undefined;
    const found: StoredFile[] = [];
    for (let index = 0; index < count; index += 1) {
      const name = { conversation: keyFor(place), name: partName({ id, index }) };
      const part = await files.find(name, clock.nowMs(), signal);
      if (part === undefined) return undefined;
      found.push(part);
    }
    return found;
  }

  async #storePart(
    place: WebPlace,
    part: { readonly id: string; readonly index: number },
    text: string,
    signal: AbortSignal,
  ): Promise<number> {
    const { files, clock } = this.#ports;
    const { hash, sizeBytes } = await files.put(new TextEncoder().encode(text), signal);
    const untilMs = clock.nowMs() + lifetimeMs;
    const link = { conversation: keyFor(place), name: partName(part), author: place.user, untilMs };
    if (await files.link(link, hash, signal)) return sizeBytes;
    throw new FileStoreError("unavailable", "The store dropped the file at once");
  }
}

function partName({ id, index }: { readonly id: string; readonly index: number }): string {
  return `download ${id} ${index}`;
}

/** At least one. No part ends within a surrogate pair. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length || from === 0;) {
    const isSplit = /[\uD800-\uDBFF]/u.test(text.charAt(from + partChars - 1));
    const to = from + partChars - (isSplit ? 1 : 0);
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}
