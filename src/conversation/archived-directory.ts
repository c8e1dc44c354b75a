import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageId } from "../domain/message.ts";
import type { ConversationArchive } from "../ports/conversation-archive.ts";
import type { Directory } from "../ports/directory.ts";
import { quotedId } from "../domain/quoted.ts";
import { LedgerError } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Resting } from "../ports/resting.ts";

interface Ports {
  /** The hot store's. */
  readonly directory: Directory;
  readonly resting: Resting;
  readonly archive: ConversationArchive;
  readonly log: Log;
}

/** The directory of the hot store, and behind it that of the archive, for what the hot store does not have. */
export class ArchivedDirectory implements Directory {
  readonly #ports: Ports;
  readonly active: Directory["active"];
  readonly ofAuthor: Directory["ofAuthor"];

  constructor(ports: Ports) {
    this.#ports = ports;
    const { active, ofAuthor } = ports.directory;
    this.active = active;
    this.ofAuthor = ofAuthor;
  }

  /** @throws {LedgerError} where only the archive could tell. */
  readonly locate = async (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ): Promise<ConversationKey | undefined> => {
    const { directory, archive } = this.#ports;
    return (
      (await directory.locate(platform, place, message, signal)) ??
      archive.locate(platform, place, message, signal)
    );
  };

  /** @throws {LedgerError} where only the archive could tell the rest. */
  readonly quoting: Directory["quoting"] = async (platform, place, message, signal) => {
    const { directory, archive } = this.#ports;
    const hot = await directory.quoting(platform, place, message, signal);
    const archived = await archive.holding(platform, place, quotedId(message), signal);
    return [...new Set([...hot, ...archived])];
  };

  /** While the archive is away, only what the hot store has. */
  readonly recent: Directory["recent"] = async (platform, place, limit, signal) => {
    try {
      return await this.all(platform, place, limit, signal);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.#ports.log.warn({ err: error }, "a list shows only recent conversations: the archive is away");
      return this.#ports.directory.recent(platform, place, limit, signal);
    }
  };

  readonly all: Directory["all"] = async (platform, place, limit, signal) => {
    const { directory, resting, archive } = this.#ports;
    const hot = await directory.all(platform, place, limit, signal);
    if (hot.length >= limit) return hot;
    const archived = await archive.recent(platform, place, limit, signal);
    const listed = new Set(hot.map(({ conversation }) => conversation));
    const others = archived.filter(({ conversation }) => !listed.has(conversation));
    // What the hot store has and does not list was forgotten: the archive hears of it a little later.
    const keys = others.map(({ conversation }) => conversation);
    const absent = new Set(await resting.absent(keys, signal));
    const all = [...hot, ...others.filter(({ conversation }) => absent.has(conversation))];
    return all.toSorted((a, b) => b.lastAtMs - a.lastAtMs).slice(0, limit);
  };

  readonly rename = async (
    conversation: ConversationKey,
    title: string,
    signal: AbortSignal,
  ): Promise<void> => {
    const { directory, resting, archive } = this.#ports;
    await directory.rename(conversation, title, signal);
    const [absent] = await resting.absent([conversation], signal);
    if (absent !== undefined) await archive.rename(conversation, title, signal);
  };
}
