import type { ConversationArchive } from "../../ports/archived-conversations.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Ledger } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Resting } from "../../ports/archived-marks.ts";
import { AcceptedLately } from "./recently-accepted.ts";
import { ArchivedDirectory, findingIn } from "./archived-directory.ts";
import { ArchivedMemory } from "./archived-memory.ts";
import type { CountTokens } from "../memory/append.ts";
import { seldomAsked } from "./not-found-cache.ts";

interface HotStores {
  readonly inbox: Inbox;
  readonly memory: Memory;
  readonly directory: Directory;
  readonly resting: Resting;
  readonly onBack?: (hear: () => void) => void;
}

/**
 * Memory and directory as caches of the archive. A hot store that was away is compared with the archive again, and told
 * again what it accepted last.
 */
export function archivedStores<Hot extends HotStores, Archive extends Ledger & ConversationArchive>(
  hot: Hot,
  archive: Archive,
  {
    countTokens,
    clock,
    log,
  }: { readonly countTokens: CountTokens; readonly clock: Clock; readonly log: Log },
) {
  const { resting } = hot;
  const memory = new ArchivedMemory({ memory: hot.memory, ledger: archive, archive, countTokens });
  const directory = new ArchivedDirectory({ directory: hot.directory, resting, archive, log });
  const seldom = seldomAsked(archive, clock);
  const forApps = { archive: seldom, directory: findingIn(hot.directory, seldom) };
  const stores = { ...hot, ledger: archive, archive, memory, directory, forApps };
  if (hot.onBack === undefined) return stores;
  const lately = new AcceptedLately({ inbox: hot.inbox, clock, log });
  hot.onBack(() => memory.distrust());
  hot.onBack(lately.onBack);
  return { ...stores, inbox: { ...hot.inbox, accept: lately.accept } };
}
