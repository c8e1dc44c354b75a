import { LRUCache } from "lru-cache";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../../domain/inbound.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Inbox } from "../../../ports/inbox.ts";
import type { Memory } from "../../../ports/memory.ts";
import { goneFiles } from "../files/gone-files.ts";
import type { Uploads } from "../files/uploads.ts";
import { fitNewest, fullPage } from "./fit-newest.ts";
import { readInbox } from "./read-inbox.ts";
import { withPending } from "./with-pending.ts";
import { isRemembered, shownMessage, type DraftIds, type StoredMessage } from "./shown-message.ts";
import { pendingVerdicts, withVerdicts, type Verdicts } from "./verdicts.ts";
import { StoredHistory, type PartBounds, type StoredPorts } from "./stored-history.ts";
import { placeOf } from "../wire/keys.ts";
import type { ShownMessage } from "../wire/shown-message.ts";

const storeDeadlineMs = 10_000;
/** Conversations whose turn finished during a read; far more than are read at a time. */
const maxFinished = 10_000;
/** Retracted posts: memory follows within this time. */
const hidden = { max: 200, ttl: 10 * 60_000 };

interface HistoryPorts extends StoredPorts {
  readonly memories: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  readonly commands: readonly CommandDefinition[];
  readonly uploads: Pick<Uploads, "find">;
}

/** A part of a conversation in its current form, with what waits in the inbox. */
export interface HistoryPart extends PartBounds {
  /** Oldest first. */
  readonly messages: readonly ShownMessage[];
}

interface CurrentState {
  readonly memory: ConversationMemory | undefined;
  /** The messages that wait for their turn, also those that a page has no room for, and replies to be given again. */
  readonly waiting: ReadonlySet<MessageId>;
}

/** The newest part, and the memory it was read from. */
export interface NewestHistory extends HistoryPart, CurrentState {
  /** Increases with every read, in the order of their starts. */
  readonly order: number;
}

/** What the stores hold, read so that each message is in one of them. */
interface Stored {
  readonly entries: readonly InboxEntry[];
  readonly memory: ConversationMemory | undefined;
}

/** Reads the history for pages: from the inbox and memory, and what is older from the archive. */
export class HistoryReader {
  readonly #ports: HistoryPorts;
  readonly #stored: StoredHistory;
  /** The last read that began before the end of a turn, per conversation. The result may lack the turn. */
  readonly #staleBefore = new LRUCache<ConversationKey, number>({ max: maxFinished });
  readonly #hidden = new LRUCache<string, true>(hidden);
  #order = 0;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
    this.#stored = new StoredHistory(ports);
  }

  /**
   * Reads again if a turn finished during the read: it would be missing. `use` is called synchronously after that
   * check. @throws {MemoryError | InboxError}
   */
  async newest(key: ConversationKey, use: (part: NewestHistory) => void): Promise<void> {
    for (;;) {
      this.#order += 1;
      const order = this.#order;
      const { entries, memory } = await this.#read(key);
      const isErased = entries.some(({ inbound }) => inbound.kind === "erased");
      const part = isErased
        ? { messages: [] }
        : await this.#stored.partBefore(key, memory, memory?.nextOrdinal);
      const gone = await goneFiles(this.#ports, part.messages);
      const verdicts = await this.#verdicts(key, part.messages, { entries, memory });
      if ((this.#staleBefore.get(key) ?? 0) >= order) continue;
      const messages = withVerdicts(this.#shown(key, part.messages, entries, gone), verdicts);
      const waiting = messages.filter(isWaiting);
      const { fitting } = fitNewest(waiting, fullPage);
      return use({
        ...part,
        messages: [...messages.filter((each) => !isWaiting(each)), ...fitting],
        memory,
        waiting: waitingIn(messages),
        order,
      });
    }
  }

  /** Like `newest`, but without texts and without asking the archive. @throws {MemoryError | InboxError} */
  async current(key: ConversationKey, use: (stored: CurrentState) => void): Promise<void> {
    for (;;) {
      this.#order += 1;
      const order = this.#order;
      const { entries, memory } = await this.#read(key);
      if ((this.#staleBefore.get(key) ?? 0) >= order) continue;
      const waiting = waitingIn(this.#shown(key, memory?.messages ?? [], entries));
      return use({ memory, waiting });
    }
  }

  /** The part that ends before an ordinal. @throws {MemoryError | InboxError} */
  async older(key: ConversationKey, before: number): Promise<HistoryPart> {
    const { entries, memory } = await this.#read(key);
    const part = await this.#stored.partBefore(key, memory, before);
    const gone = await goneFiles(this.#ports, part.messages);
    const verdicts = await this.#verdicts(key, part.messages, { entries, memory });
    const messages = withVerdicts(this.#shown(key, part.messages, entries, gone), verdicts);
    return { ...part, messages: messages.filter((each) => !isWaiting(each)) };
  }

  /** True if memory has the turn's reply. False also if memory is unreachable. Never rejects. */
  async isFinished(key: ConversationKey, draft: DraftIds): Promise<boolean> {
    try {
      return isRemembered(await this.#readMemory(key), draft);
    } catch (error) {
      this.#ports.log.debug({ err: error }, "could not check in memory whether an answer has finished");
      return false;
    }
  }

  /** A turn has finished, or the conversation was removed: reads under way are repeated. */
  markStale(key: ConversationKey): void {
    this.#staleBefore.set(key, this.#order);
  }

  /** Leaves a retracted post out until memory follows. */
  hide(key: ConversationKey, message: MessageId): void {
    this.#hidden.set(`${key} ${message}`, true);
  }

  /** The post is written again. */
  reveal(key: ConversationKey, message: MessageId): void {
    this.#hidden.delete(`${key} ${message}`);
  }

  #shown(
    key: ConversationKey,
    stored: readonly StoredMessage[],
    entries: readonly InboxEntry[],
    gone: ReadonlySet<string> = new Set(),
  ): readonly ShownMessage[] {
    const kept = stored.filter(({ id }) => !this.#hidden.has(`${key} ${id}`));
    const messages = kept.map((each) => shownMessage(each, (ref) => gone.has(ref)));
    return withPending(messages, entries, this.#ports.commands);
  }

  /** What the person of the conversation thinks of its answers. Without the archive: only what it does not have yet. */
  async #verdicts(
    key: ConversationKey,
    messages: readonly StoredMessage[],
    { entries, memory }: Stored,
  ): Promise<Verdicts> {
    const { user } = placeOf(key);
    const pending = pendingVerdicts(user, entries, memory);
    const turns = messages.flatMap(({ role, turnId: on = "" }) =>
      role !== "bot" || on === "" || pending.has(on) ? [] : [on],
    );
    return new Map([...(await this.#stored.verdictsOf(user, turns)), ...pending]);
  }

  /** The inbox first: the turn that takes an entry out of it has put it into memory by then. */
  async #read(key: ConversationKey): Promise<Stored> {
    const entries = await readInbox(this.#ports.inbox, key, AbortSignal.timeout(storeDeadlineMs));
    return { entries, memory: await this.#readMemory(key) };
  }

  async #readMemory(key: ConversationKey): Promise<ConversationMemory | undefined> {
    return (await this.#ports.memories.read(key, AbortSignal.timeout(storeDeadlineMs))).memory;
  }
}

/** The message is in the inbox only. */
function isWaiting({ ordinal }: ShownMessage): boolean {
  return ordinal === undefined;
}

function waitingIn(messages: readonly ShownMessage[]): ReadonlySet<MessageId> {
  return new Set(messages.flatMap((each) => (isWaiting(each) || each.again === true ? [each.id] : [])));
}
