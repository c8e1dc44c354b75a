import type { FileRef } from "../../domain/file-ref.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { Message } from "../../domain/message.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FileName, FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import type { Platform } from "../../ports/platform.ts";

/** Longer than the retries of a turn take. */
const keptMs = 3_600_000;

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
  const name = [ref.platform, ref.installation ?? "", ref.id].join("/");
  const named = { conversation, message: message.id, name };
  const stored = isFresh
    ? undefined
    : await optional(ports, () => readStored(ports, named, maxBytes, signal), signal);
  if (stored !== undefined) return stored;
  const bytes = await read(ref, maxBytes, signal);
  await optional(
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
async function optional<T>(
  { log }: FilePorts,
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
