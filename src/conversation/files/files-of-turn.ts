import type { ConversationKey } from "../../domain/conversation.ts";
import type { FileRef } from "../../domain/file-ref.ts";
import type { WhyUnread } from "../../domain/unread-file.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { readFile, type FileOfMessage, type FilePorts } from "./read-file.ts";

/** What one turn may read. */
interface FileBounds {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** For all files together. */
  readonly deadlineMs: number;
}

/** Reads files of messages for one turn, within bounds. */
export class FilesOfTurn {
  readonly #ports: FilePorts;
  readonly #conversation: ConversationKey;
  readonly #bounds: FileBounds;
  readonly #signal: AbortSignal;
  /** Most turns read no file, and a deadline costs a timer. */
  #within: AbortSignal | undefined;
  #left: number;

  constructor(ports: FilePorts, conversation: ConversationKey, bounds: FileBounds, signal: AbortSignal) {
    this.#ports = ports;
    this.#conversation = conversation;
    this.#bounds = bounds;
    this.#signal = signal;
    this.#left = bounds.maxFiles;
  }

  /** The turn's signal, which also aborts at the deadline. That begins with the first use. */
  get within(): AbortSignal {
    this.#within ??= AbortSignal.any([this.#signal, AbortSignal.timeout(this.#bounds.deadlineMs)]);
    return this.#within;
  }

  /** The deadline begins again with the next use: after work that has its own one. */
  restart(): void {
    this.#within = undefined;
  }

  /** Counts a file that is about to be read. False: no more may be read. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** Undefined: its platform reads no files. `isFresh`: see FileOfMessage. @throws {PlatformError} */
  read(
    message: FileOfMessage["message"],
    ref: FileRef,
    isFresh = false,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = { conversation: this.#conversation, message, ref, isFresh };
    return readFile(this.#ports, file, this.#bounds.maxBytes, this.within);
  }

  /** Why a file was not read, from the error. @throws the reason of the turn's signal, if that was aborted. */
  whyNot(error: unknown): WhyUnread {
    this.#signal.throwIfAborted();
    if (this.#within?.aborted === true) return "timed-out";
    const kind = error instanceof PlatformError ? error.kind : undefined;
    return kind === "forbidden" || kind === "gone" ? kind : "unavailable";
  }
}
