import type { ConversationKey } from "../../domain/conversation.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Directory } from "../../ports/directory.ts";
import { quotedId } from "../../domain/quoted.ts";
import { ArchiveError } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";

interface Ports {
  /** The hot store's. */
  readonly directory: Directory;
  readonly archivedMarks: ArchivedMarks;
  readonly archivedConversations: ArchivedConversations;
  readonly log: Log;
}

type Locating = Pick<Directory, "locate" | "quoting">;

/** Locates messages in the hot store first, then in the archive. Both methods throw {ArchiveError}. */
export function locateInBoth(
  directory: Locating,
  archivedConversations: Pick<ArchivedConversations, "locate" | "conversationsWith">,
): Locating {
  return {
    locate: async (platform, place, message, signal) =>
      (await directory.locate(platform, place, message, signal)) ??
      archivedConversations.locate(platform, place, message, signal),
    quoting: async (platform, place, message, signal) => {
      const hot = await directory.quoting(platform, place, message, signal);
      const archived = await archivedConversations.conversationsWith(
        platform,
        place,
        quotedId(message),
        signal,
      );
      return [...new Set([...hot, ...archived])];
    },
  };
}

/** The directory of the hot store, completed by that of the archive. */
export class ArchivedDirectory implements Directory {
  readonly #ports: Ports;
  readonly locate: Directory["locate"];
  readonly quoting: Directory["quoting"];
  readonly active: Directory["active"];
  readonly ofAuthor: Directory["ofAuthor"];
  readonly writtenSince: Directory["writtenSince"];

  constructor(ports: Ports) {
    this.#ports = ports;
    const { locate, quoting } = locateInBoth(ports.directory, ports.archivedConversations);
    this.locate = locate;
    this.quoting = quoting;
    const { active, ofAuthor, writtenSince } = ports.directory;
    this.active = active;
    this.ofAuthor = ofAuthor;
    this.writtenSince = writtenSince;
  }

  /** Only the hot store's conversations while the archive is unreachable. */
  readonly recent: Directory["recent"] = async (platform, place, limit, signal) => {
    try {
      return await this.all(platform, place, limit, signal);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      this.#ports.log.warn(
        { err: error },
        "a list shows only recent conversations: the archive is unreachable",
      );
      return this.#ports.directory.recent(platform, place, limit, signal);
    }
  };

  readonly all: Directory["all"] = async (platform, place, limit, signal) => {
    const { directory, archivedMarks, archivedConversations } = this.#ports;
    const hot = await directory.all(platform, place, limit, signal);
    if (hot.length >= limit) return hot;
    const archived = await archivedConversations.recent(platform, place, limit, signal);
    const listed = new Set(hot.map(({ conversation }) => conversation));
    const others = archived.filter(({ conversation }) => !listed.has(conversation));
    // A conversation in the hot store that is not listed was erased. The archive learns that with the next sync.
    const keys = others.map(({ conversation }) => conversation);
    const absent = new Set(await archivedMarks.missing(keys, signal));
    const all = [...hot, ...others.filter(({ conversation }) => absent.has(conversation))];
    return all.toSorted((a, b) => b.lastAtMs - a.lastAtMs).slice(0, limit);
  };

  readonly entry: Directory["entry"] = async (conversation, signal) => {
    const { directory, archivedMarks, archivedConversations } = this.#ports;
    const hot = await directory.entry(conversation, signal);
    if (hot !== undefined) return hot;
    const [absent] = await archivedMarks.missing([conversation], signal);
    if (absent === undefined) return undefined;
    const { head } = (await archivedConversations.findConversation(conversation, signal)) ?? {};
    if (head?.listing === undefined) return undefined;
    const { platform, place } = head.memory;
    const { title, lastAtMs } = head.listing;
    return { conversation, platform, place, title, lastAtMs };
  };

  readonly rename = async (
    conversation: ConversationKey,
    title: string,
    signal: AbortSignal,
  ): Promise<void> => {
    const { directory, archivedMarks, archivedConversations } = this.#ports;
    await directory.rename(conversation, title, signal);
    const [absent] = await archivedMarks.missing([conversation], signal);
    if (absent !== undefined) await archivedConversations.rename(conversation, title, signal);
  };
}
