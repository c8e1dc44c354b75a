import type { ConversationArchive } from "../ports/conversation-archive.ts";
import type { Log } from "../ports/log.ts";
import type { Resting } from "../ports/resting.ts";

const atOnce = 1_000;

interface Ports {
  readonly resting: Resting;
  readonly archive: Pick<ConversationArchive, "keysAfter">;
  readonly log: Log;
}

/**
 * A hot store that is new or was emptied learns which conversations the archive has. Until then none of them is taken for
 * new. Takes as long as the archive has conversations. @throws {LedgerError}, {StoreError}
 */
export async function markResting({ resting, archive, log }: Ports, signal: AbortSignal): Promise<void> {
  if (await resting.isWhole(signal)) return;
  let count = 0;
  for (let after = ""; ;) {
    const found = await archive.keysAfter(after, atOnce, signal);
    await resting.mark(found, signal);
    count += found.length;
    after = found.at(-1) ?? after;
    if (found.length < atOnce) break;
  }
  await resting.markWhole(signal);
  if (count > 0)
    log.warn({ conversations: count }, "the store was empty; conversations come back from the archive");
}
