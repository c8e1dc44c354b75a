import type { FileRef } from "../../domain/file-ref.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { Message } from "../../domain/message.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FileName, FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import type { Platform } from "../../ports/platform.ts";

/** How long what was read is kept. Longer than the retries of a turn take. */
export const keptMs = 3_600_000;

/** What reading files needs. */
export interface FilePorts {
  readonly files: FileStore;
  /** By name. */
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A file and the message that it is erased with. */
export interface FileOfMessage {
  readonly conversation: ConversationKey;
  readonly message: Pick<Message, "id" | "author">;
  readonly ref: FileRef;
  /** The content may have changed, so it is read from the platform. Missing: stored bytes will do. */
  readonly isFresh?: boolean;
}

/**
 * Reads a file of a message: from the store if a try of this turn has read it before, else from its platform, and then
 * stores it. Works without the store, too. Undefined if its platform reads no files. @throws {PlatformError}
 */
export async function readFile(
  ports: FilePorts,
  file: FileOfMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { conversation, message, ref, isFresh = false } = file;
  const read = ports.platforms.get(ref.platform)?.readFile;
  if (read === undefined) return undefined;
  const named = { conversation, message: message.id, name: nameInStore(ref) };
  const stored = isFresh
    ? undefined
    : await orWithoutStore(ports, () => readStored(ports, named, maxBytes, signal), signal);
  if (stored !== undefined) return stored;
  const bytes = await read(ref, maxBytes, signal);
  await orWithoutStore(
    ports,
    async () => {
      const { hash } = await ports.files.put(bytes, signal);
      const untilMs = ports.clock.nowMs() + keptMs;
      await ports.files.link({ ...named, author: message.author.id, untilMs }, hash, signal);
    },
    signal,
  );
  return bytes;
}

/** What a file is called among the stored files of its message. */
export function nameInStore({ platform, installation = "", id }: FileRef): string {
  return [platform, installation, id].join("/");
}

async function readStored(
  { files, clock }: FilePorts,
  file: FileName,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const stored = await files.find(file, clock.nowMs(), signal);
  if (stored === undefined || stored.sizeBytes > maxBytes) return undefined;
  return files.read(stored.hash, { from: 0, to: stored.sizeBytes }, signal);
}

/** The store only saves a second reading: its failure must not cost the file. */
export async function orWithoutStore<T>(
  { log }: Pick<FilePorts, "log">,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, "stored files can't be used; files are read from their platforms");
    return undefined;
  }
}
