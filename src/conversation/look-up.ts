import type { LedgerMessage } from "../domain/ledger.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Platform, Readers } from "../ports/platform.ts";
import { readablePlaces } from "./audience.ts";
import { asItReads } from "../domain/as-it-reads.ts";

interface LookUpPorts {
  readonly ledger: Ledger;
  readonly platform: Platform;
  readonly log: Log;
}

/** What to look for, and for whom. */
export interface LookUp {
  readonly words: string;
  readonly readers: Readers;
  /** The memory of the conversation in which it is asked. */
  readonly recollection: Recollection;
  /** True: of this conversation only what is not closed by a reset. */
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
  return asItReads(recollection, found)
    .filter(({ conversation, chapter }) => {
      const isHere = conversation === recollection.conversation;
      return !isHere || !isCurrentOnly || chapter >= recollection.since;
    })
    .slice(0, limit);
}
