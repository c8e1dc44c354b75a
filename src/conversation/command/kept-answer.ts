import type { Source } from "../../domain/conversation-memory.ts";
import type { MessageId } from "../../domain/message.ts";
import { FileStoreError } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import { dropKept, keepInPrivate, readKept, type KeptAt, type PrivatePorts } from "./keep-in-private.ts";

/** A private answer about one message, which its asker may show everyone. */
export interface KeptAnswer {
  readonly question: string;
  readonly answer: string;
  /** The message that it is about. */
  readonly message: MessageId;
  /** The dedupe mark of that message's deletion. */
  readonly deletedBy: string;
  /** The ids of the Authors of the question and of the message. */
  readonly asker: string;
  readonly author: string;
  readonly askedAtMs: number;
  readonly permalink?: string;
  /** All other messages that it was made from: it is shown only while they are remembered. Missing: none. */
  readonly others?: readonly MessageId[];
  /** Those of them that it cites. Missing: none. */
  readonly sources?: readonly Source[];
}

interface Ports extends PrivatePorts {
  readonly log: Log;
}

/** Keeps an answer for an hour. False: the store takes nothing now, so nothing can be shown later. */
export async function keepAnswer(
  { log, ...ports }: Ports,
  at: KeptAt,
  answer: KeptAnswer,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await keepInPrivate(ports, at, answer, signal);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "a private answer could not be kept; its asker can't show it to others");
    return false;
  }
}

/** Undefined: it is over an hour old, was erased, or can't be read. @throws {FileStoreError} */
export async function readKeptAnswer(
  ports: PrivatePorts,
  at: KeptAt,
  signal: AbortSignal,
): Promise<KeptAnswer | undefined> {
  const kept = await readKept(ports, at, signal);
  return isKeptAnswer(kept) ? kept : undefined;
}

/** What it was made from was deleted while it was being kept. Where the store is away, it goes within the hour. */
export async function dropAnswer({ files, log }: Ports, at: KeptAt, signal: AbortSignal): Promise<void> {
  try {
    await dropKept({ files }, at, signal);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "a private answer could not be erased now; it goes within the hour");
  }
}

function isKeptAnswer(kept: unknown): kept is KeptAnswer {
  if (typeof kept !== "object" || kept === null) return false;
  const fields = ["question", "answer", "message", "deletedBy", "asker", "author"];
  const isWhole = fields.every((name) => typeof Reflect.get(kept, name) === "string");
  return isWhole && typeof Reflect.get(kept, "askedAtMs") === "number";
}
