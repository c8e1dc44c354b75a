import type { ConversationArchive } from "../ports/conversation-archive.ts";
import type { Directory } from "../ports/directory.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Memory } from "../ports/memory.ts";
import type { Resting } from "../ports/resting.ts";
import { ArchivedDirectory } from "./archived-directory.ts";
import { ArchivedMemory } from "./archived-memory.ts";
import type { CountTokens } from "./recollect.ts";

interface HotStores {
  readonly memory: Memory;
  readonly directory: Directory;
  readonly resting: Resting;
  readonly onBack?: (hear: () => void) => void;
}

/** Memory and directory as caches of the archive. A hot store that was away is compared with the archive again. */
export function archivedStores<Hot extends HotStores, Archive extends Ledger & ConversationArchive>(
  hot: Hot,
  archive: Archive,
  { countTokens, log }: { readonly countTokens: CountTokens; readonly log: Log },
) {
  const { resting } = hot;
  const memory = new ArchivedMemory({ memory: hot.memory, ledger: archive, archive, countTokens });
  const directory = new ArchivedDirectory({ directory: hot.directory, resting, archive, log });
  hot.onBack?.(() => memory.distrust());
  return { ...hot, ledger: archive, archive, memory, directory };
}
