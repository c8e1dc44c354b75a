import type { FileRef } from "../../../domain/file-ref.ts";
import type { Attachment, MessageId } from "../../../domain/message.ts";
import type { Clock } from "../../../ports/clock.ts";
import { FileStoreError, type FileName, type FileStore, type StoredFile } from "../../../ports/file-store.ts";
import type { Ids } from "../../../ports/ids.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { keyFor, type WebPlace } from "../wire/keys.ts";
import { readUploadId, uploadId, type UploadFacts } from "./upload-id.ts";

/** How long an upload waits for its message, and a message for the store's yes. */
const waitingMs = 60 * 60_000;

interface UploadPorts {
  readonly files: FileStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An upload, as its sender is told of it. */
export interface Upload extends UploadFacts {
  readonly id: string;
  readonly bytes: number;
}

/** A message that takes uploads. */
interface TakingMessage {
  readonly id: MessageId;
  readonly saidAtMs: number;
  /** The uploads' ids. */
  readonly files: readonly string[];
}

/** Uploads that belong to a message from now on. */
export interface TakenFiles {
  readonly attachments: readonly Attachment[];
  /** Call it once the message is stored, again for each repetition: until then they end by themselves. @throws {FileStoreError} */
  readonly keep: (signal: AbortSignal) => Promise<void>;
}

/**
 * Files that people send. An upload waits for an hour under its conversation. A message takes it: first with an end, so that a
 * crash leaves nothing behind, and without one as soon as the message is stored.
 */
export class Uploads {
  readonly #ports: UploadPorts;

  constructor(ports: UploadPorts) {
    this.#ports = ports;
  }

  /** @throws {FileStoreError}, or what reading `bytes` throws. */
  async store(
    place: WebPlace,
    facts: UploadFacts,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Upload> {
    const { files, clock, ids } = this.#ports;
    const key = ids.turn();
    const { hash, sizeBytes } = await files.put(bytes, signal);
    const untilMs = clock.nowMs() + waitingMs;
    const link = { ...waitingName(place, key), author: place.user, untilMs };
    if (!(await files.link(link, hash, signal)))
      throw new FileStoreError("unavailable", "The store dropped the file at once");
    return { id: uploadId(key, facts), ...facts, bytes: sizeBytes };
  }

  /** Gives uploads to a message. Idempotent. `missing`: the ids of those that are not there. @throws {FileStoreError} */
  async take(
    place: WebPlace,
    message: TakingMessage,
    signal: AbortSignal,
  ): Promise<TakenFiles | { readonly missing: readonly string[] }> {
    const taken: { readonly key: string; readonly attachment: Attachment }[] = [];
    const missing: string[] = [];
    for (const id of new Set(message.files)) {
      const upload = readUploadId(id);
      const stored = upload && (await this.#tie(place, message.id, upload.key, signal));
      if (upload === undefined || stored === undefined) missing.push(id);
      else {
        const { key, name, mediaType } = upload;
        const ref = { platform: "web", id: refId(place, message, key) };
        taken.push({ key, attachment: { name, mediaType, sizeBytes: stored.sizeBytes, ref } });
      }
    }
    if (missing.length > 0) return { missing };
    return {
      attachments: taken.map(({ attachment }) => attachment),
      keep: async (within) => {
        for (const { key } of taken) await this.#keep(place, message, key, within);
      },
    };
  }

  /** Undefined: it is not kept any more, or never was this person's. @throws {FileStoreError} */
  find(
    place: WebPlace,
    message: MessageId,
    key: string,
    signal: AbortSignal,
  ): Promise<StoredFile | undefined> {
    const { files, clock } = this.#ports;
    return files.find(sentName(place, message, key), clock.nowMs(), signal);
  }

  /** The bytes of a file of a message. @throws {PlatformError} */
  async read(ref: FileRef, maxBytes: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const sent = readRef(ref);
    if (sent === undefined) throw new PlatformError("gone", "the file was not sent here");
    const { place, message, key } = sent;
    try {
      const { files } = this.#ports;
      // The process that stored the message may have ended before this.
      await this.#keep(place, message, key, signal);
      const found = await this.find(place, message.id, key, signal);
      if (found === undefined) throw new PlatformError("gone", "the file is no longer kept");
      if (found.sizeBytes > maxBytes) throw new PlatformError("rejected", "the file is larger than allowed");
      const bytes = await files.read(found.hash, { from: 0, to: found.sizeBytes }, signal);
      if (bytes === undefined) throw new PlatformError("gone", "the file is no longer kept");
      return bytes;
    } catch (error) {
      if (!(error instanceof FileStoreError)) throw error;
      throw new PlatformError("unreachable", "The file store can't be read", { cause: error });
    }
  }

  /** Removes a file of a message, which stays without it. @throws {FileStoreError} */
  async remove(ref: FileRef, signal: AbortSignal): Promise<void> {
    const sent = readRef(ref);
    if (sent === undefined) return;
    const { files } = this.#ports;
    await files.unlink(waitingName(sent.place, sent.key), signal);
    await files.unlink(sentName(sent.place, sent.message.id, sent.key), signal);
  }

  /** Links an upload to its message. Undefined: there is none that can be taken. */
  async #tie(
    place: WebPlace,
    message: MessageId,
    key: string,
    signal: AbortSignal,
  ): Promise<StoredFile | undefined> {
    const { files, clock } = this.#ports;
    const known = await this.find(place, message, key, signal);
    if (known !== undefined) return known;
    const waiting = await files.find(waitingName(place, key), clock.nowMs(), signal);
    if (waiting === undefined) return undefined;
    const untilMs = clock.nowMs() + waitingMs;
    const link = { ...sentName(place, message, key), author: place.user, untilMs };
    return (await files.link(link, waiting.hash, signal)) ? waiting : undefined;
  }

  async #keep(
    place: WebPlace,
    { id, saidAtMs }: Pick<TakingMessage, "id" | "saidAtMs">,
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { files, clock } = this.#ports;
    await files.keep(sentName(place, id, key), { saidAtMs, nowMs: clock.nowMs() }, signal);
    await files.unlink(waitingName(place, key), signal);
  }
}

/** The key of a file in a FileRef of this platform, and where it was sent. Undefined if it is none. */
export function readRef({ platform, id }: FileRef):
  | {
      readonly place: WebPlace;
      readonly message: Pick<TakingMessage, "id" | "saidAtMs">;
      readonly key: string;
    }
  | undefined {
  const [user, conversation, message, saidAtMs, key] = id.split("/");
  if (platform !== "web" || !user || !conversation || !message || !key) return undefined;
  return { place: { user, conversation }, message: { id: message, saidAtMs: Number(saidAtMs) }, key };
}

function refId({ user, conversation }: WebPlace, { id, saidAtMs }: TakingMessage, key: string): string {
  return [user, conversation, id, saidAtMs, key].join("/");
}

/** Ids of messages have no slash. Without a message, each edit in the conversation would erase it. */
function waitingName(place: WebPlace, key: string): Required<FileName> {
  return { conversation: keyFor(place), message: `upload/${key}`, name: "upload" };
}

function sentName(place: WebPlace, message: MessageId, key: string): Required<FileName> {
  return { conversation: keyFor(place), message, name: `upload ${key}` };
}
