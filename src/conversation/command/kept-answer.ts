import { privateAnswersOf, type ConversationKey } from "../../domain/conversation.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ErasureRequest } from "../../ports/erasure-requests.ts";
import { FileStoreError, type FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import { joinBytes, splitBytes } from "./split-bytes.ts";

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
}

interface Ports {
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Long enough to read it and to press a button. */
const keptMs = 60 * 60_000;
/** More than any answer with its question. */
const maxBytes = 2 ** 20;

/** Where an answer is kept. */
interface KeptAt {
  readonly conversation: ConversationKey;
  readonly platform: string;
  /** Unique on the platform. */
  readonly id: string;
}

/**
 * Keeps an answer for an hour, outside of memory, in three parts that are of no use alone. The first belongs to the
 * conversation, so whatever is deleted there takes it along. The others go with the asker and with the author, also where the
 * bot does not know the thread. False: the store takes nothing now, so nothing can be shown later.
 */
export async function keepAnswer(
  { files, clock, log }: Ports,
  at: KeptAt,
  answer: KeptAnswer,
  signal: AbortSignal,
): Promise<boolean> {
  const names = partsOf(at, answer);
  const parts = splitBytes(new TextEncoder().encode(JSON.stringify(answer)), names.length);
  const untilMs = clock.nowMs() + keptMs;
  try {
    const kept = await Promise.all(
      names.map(async (name, index) => {
        const { hash } = await files.put(parts[index] ?? new Uint8Array(), signal);
        return files.link({ ...name, untilMs }, hash, signal);
      }),
    );
    return kept.every(Boolean);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "a private answer could not be kept; its asker can't show it to others");
    return false;
  }
}

/** Undefined: it is over an hour old, was erased, or can't be read. @throws {FileStoreError} */
export async function readKeptAnswer(
  { files, clock }: Omit<Ports, "log">,
  at: KeptAt,
  signal: AbortSignal,
): Promise<KeptAnswer | undefined> {
  const parts: Uint8Array[] = [];
  for (const name of partsOf(at)) {
    const stored = await files.find(name, clock.nowMs(), signal);
    const bytes = stored && (await files.read(stored.hash, { from: 0, to: maxBytes }, signal));
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  const bytes = joinBytes(parts);
  if (bytes === undefined) return undefined;
  const kept: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return isKeptAnswer(kept) ? kept : undefined;
}

/** What it was made from was deleted while it was being kept. Where the store is away, it goes within the hour. */
export async function dropAnswer({ files, log }: Ports, at: KeptAt, signal: AbortSignal): Promise<void> {
  try {
    for (const name of partsOf(at)) await files.unlink(name, signal);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "a private answer could not be erased now; it goes within the hour");
  }
}

/** Erases the private answers that a person was given, and those about their messages. @throws {FileStoreError} */
export async function eraseKeptAnswers(
  files: FileStore,
  { platform, author, beforeMs }: Pick<ErasureRequest, "platform" | "author" | "beforeMs">,
  signal: AbortSignal,
): Promise<void> {
  const erasure = { revision: 0, kind: "author", author, beforeOrdinal: 1, beforeMs } as const;
  await files.erase(privateAnswersOf(platform), [erasure], signal);
}

/** Those of people name a message, so that an erasure takes only those of its person. `people`: who they go with. */
function partsOf({ conversation, platform, id }: KeptAt, people?: Pick<KeptAnswer, "asker" | "author">) {
  const name = `private-answer:${id}`;
  const withPerson = { conversation: privateAnswersOf(platform), message: name };
  return [
    { conversation, name },
    { ...withPerson, name: "asker", ...(people && { author: people.asker }) },
    { ...withPerson, name: "author", ...(people && { author: people.author }) },
  ];
}

function isKeptAnswer(kept: unknown): kept is KeptAnswer {
  if (typeof kept !== "object" || kept === null) return false;
  const fields = ["question", "answer", "message", "deletedBy", "asker", "author"];
  const isWhole = fields.every((name) => typeof Reflect.get(kept, name) === "string");
  return isWhole && typeof Reflect.get(kept, "askedAtMs") === "number";
}
