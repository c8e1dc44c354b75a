import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";
import { RecentlyAccepted } from "./recently-accepted.ts";
import { ArchivedDirectory, locateInBoth } from "./archived-directory.ts";
import { ArchivedMemory } from "./archived-memory.ts";
import { withNotFoundCache } from "./not-found-cache.ts";
import type { CountTokens } from "../memory/remembered-message.ts";

interface HotStores {
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly directory: Directory;
  readonly archivedMarks: ArchivedMarks;
  readonly onBack?: (hear: () => void) => void;
}

/**
 * Memory and directory as caches of the archive. After an outage of the hot store, its memories are compared with the archive
 * again, and recently accepted inbounds are stored again.
 */
export function archivedStores<Hot extends HotStores, Whole extends Archive & ArchivedConversations>(
  hot: Hot,
  archive: Whole,
  {
    countTokens,
    clock,
    log,
  }: { readonly countTokens: CountTokens; readonly clock: Clock; readonly log: Log },
) {
  const { archivedMarks } = hot;
  const memories = new ArchivedMemory({
    memories: hot.memories,
    archive: archive,
    archivedConversations: archive,
    countTokens,
  });
  const directory = new ArchivedDirectory({
    directory: hot.directory,
    archivedMarks,
    archivedConversations: archive,
    log,
  });
  const seldom = withNotFoundCache(archive, clock);
  const forApps = { archivedConversations: seldom, directory: locateInBoth(hot.directory, seldom) };
  const stores = { ...hot, archive: archive, archivedConversations: archive, memories, directory, forApps };
  if (hot.onBack === undefined) return stores;
  const lately = new RecentlyAccepted({ inbox: hot.inbox, clock, log });
  hot.onBack(() => memories.recheck());
  hot.onBack(lately.onBack);
  return { ...stores, inbox: { ...hot.inbox, accept: lately.accept } };
}
