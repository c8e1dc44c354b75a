import type { LedgerMessage } from "../domain/ledger.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { DelayedErasures } from "../ports/delayed-erasures.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Memory } from "../ports/memory.ts";
import type { Log } from "../ports/log.ts";
import type { Platform, Readers } from "../ports/platform.ts";
import { readablePlaces } from "./audience.ts";
import { asItReads } from "../domain/as-it-reads.ts";

interface LookUpPorts {
  readonly memory: Memory;
  readonly ledger: Ledger;
  readonly delayedErasures: DelayedErasures;
  readonly platform: Platform;
  readonly log: Log;
}

/** What to look for, and for whom. */
export interface LookUp {
  readonly words: string;
  readonly readers: Readers;
  /** The memory of the conversation in which it is asked. */
  readonly recollection: Recollection;
  /** True: of each conversation only what is not closed by a reset. */
  readonly isCurrentOnly: boolean;
  readonly limit: number;
}

/** What was said with these words, as far as all the readers may see it; best first. @throws {LedgerError} */
export async function lookUp(
  ports: LookUpPorts,
  { words, readers, recollection, isCurrentOnly, limit }: LookUp,
  signal: AbortSignal,
): Promise<readonly LedgerMessage[]> {
  const { ledger, platform } = ports;
  const mentioning = await ledger.placesWith(platform.name, words, signal);
  const places = await readablePlaces(ports, readers, mentioning, signal);
  const found = await ledger.search({ words, platform: platform.name, places, limit: limit * 2 }, signal);
  const read = await withoutErasing(ports, asItReads(recollection, found), signal);
  return (isCurrentOnly ? await currentOf(ports, recollection, read, signal) : read).slice(0, limit);
}

/** Without what a reset has closed, here or elsewhere. Where that can't be read, nothing is used. */
async function currentOf(
  { memory }: LookUpPorts,
  here: Recollection,
  found: readonly LedgerMessage[],
  signal: AbortSignal,
): Promise<readonly LedgerMessage[]> {
  const since = new Map([[here.conversation, here.since]]);
  for (const { conversation } of found) {
    if (since.has(conversation)) continue;
    const { recollection } = await memory.recall(conversation, signal);
    since.set(conversation, recollection?.since ?? Infinity);
  }
  return found.filter(({ conversation, chapter }) => chapter >= (since.get(conversation) ?? Infinity));
}

/** Without what is forgotten and not erased yet, here or elsewhere. @throws {StoreError} */
async function withoutErasing(
  { delayedErasures }: LookUpPorts,
  found: readonly LedgerMessage[],
  signal: AbortSignal,
): Promise<readonly LedgerMessage[]> {
  const below = await delayedErasures.of(
    found.map(({ conversation }) => conversation),
    signal,
  );
  return found.filter(({ conversation, ordinal }) => ordinal >= (below.get(conversation) ?? 0));
}
