import { privateAnswersOf, type ConversationKey } from "../../domain/conversation.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ErasureRequest } from "../../ports/erasure-requests.ts";
import type { FileStore } from "../../ports/file-store.ts";
import { joinBytes, splitBytes } from "./split-bytes.ts";

export interface PrivatePorts {
  readonly files: FileStore;
  readonly clock: Clock;
}

/** Where a text is kept for one person. */
export interface KeptAt {
  readonly conversation: ConversationKey;
  readonly platform: string;
  /** Unique on the platform. */
  readonly id: string;
}

/** The ids of the Authors whose erasure takes a text along. */
interface ConcernedPeople {
  /** Who asked. */
  readonly asker: string;
  /** Who wrote the message that it is about. */
  readonly author: string;
}

/** Long enough to read an answer, or to write a question. */
const keptMs = 60 * 60_000;
/** More than any answer with its question, or any message. */
const maxBytes = 2 ** 20;

/**
 * Keeps something as JSON for an hour, outside of memory, in three parts that are of no use alone. The first belongs to the
 * conversation, so whatever is deleted there takes it along. The others go with the asker and with the author, also where the
 * bot does not know the thread. False: the store takes nothing now. @throws {FileStoreError}
 */
export async function keepInPrivate(
  { files, clock }: PrivatePorts,
  at: KeptAt,
  kept: ConcernedPeople & object,
  signal: AbortSignal,
): Promise<boolean> {
  const names = partsOf(at, kept);
  const parts = splitBytes(new TextEncoder().encode(JSON.stringify(kept)), names.length);
  const untilMs = clock.nowMs() + keptMs;
  const links = await Promise.all(
    names.map(async (name, index) => {
      const { hash } = await files.put(parts[index] ?? new Uint8Array(), signal);
      return files.link({ ...name, untilMs }, hash, signal);
    }),
  );
  return links.every(Boolean);
}

/** What was kept. Undefined: it is over an hour old, was erased, or can't be read. @throws {FileStoreError} */
export async function readKept(
  { files, clock }: PrivatePorts,
  at: KeptAt,
  signal: AbortSignal,
): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for (const name of partsOf(at)) {
    const stored = await files.find(name, clock.nowMs(), signal);
    const bytes = stored && (await files.read(stored.hash, { from: 0, to: maxBytes }, signal));
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  const bytes = joinBytes(parts);
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}

/** @throws {FileStoreError} */
export async function dropKept(
  { files }: Pick<PrivatePorts, "files">,
  at: KeptAt,
  signal: AbortSignal,
): Promise<void> {
  for (const name of partsOf(at)) await files.unlink(name, signal);
}

/** Erases what was kept for a person, and what is about their messages. @throws {FileStoreError} */
export async function eraseKept(
  files: FileStore,
  { platform, author, beforeMs }: Pick<ErasureRequest, "platform" | "author" | "beforeMs">,
  signal: AbortSignal,
): Promise<void> {
  const erasure = { revision: 0, kind: "author", author, beforeOrdinal: 1, beforeMs } as const;
  await files.erase(privateAnswersOf(platform), [erasure], signal);
}

/** Those of people name a message, so that an erasure takes only those of its person. `people`: who they go with. */
function partsOf({ conversation, platform, id }: KeptAt, people?: ConcernedPeople) {
  const name = `private-answer:${id}`;
  const withPerson = { conversation: privateAnswersOf(platform), message: name };
  return [
    { conversation, name },
    { ...withPerson, name: "asker", ...(people && { author: people.asker }) },
    { ...withPerson, name: "author", ...(people && { author: people.author }) },
  ];
}
