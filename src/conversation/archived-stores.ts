import type { ConversationArchive } from "../ports/conversation-archive.ts";
import type { Directory } from "../ports/directory.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Memory } from "../ports/memory.ts";
import type { Resting } from "../ports/resting.ts";
import { ArchivedDirectory } from "./archived-directory.ts";
import { ArchivedMemory } from "./archived-memory.ts";
import type { CountTokens } from "./recollect.ts";

interface Ports {
  /** The hot store's, as `directory` is. */
  readonly memory: Memory;
  readonly directory: Directory;
  readonly resting: Resting;
  readonly stores: { readonly onBack?: (hear: () => void) => void };
  readonly ledger: Ledger;
  readonly archive: ConversationArchive;
  readonly countTokens: CountTokens;
  readonly log: Log;
}

/** Memory and directory as caches of the archive. A hot store that was away is compared with the archive again. */
export function archivedStores(ports: Ports) {
  const { stores, ledger, archive } = ports;
  const memory = new ArchivedMemory(ports);
  stores.onBack?.(() => memory.distrust());
  return { ledger, archive, memory, directory: new ArchivedDirectory(ports) };
}
