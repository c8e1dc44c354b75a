import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../../domain/conversation-memory.ts";
import type { Growth } from "../wire/live-events.ts";
import { fitNewest, fullPage } from "./fit-newest.ts";
import type { ShownMessage } from "../wire/protocol.ts";
import { RecentChanges } from "./recent-changes.ts";

/** A conversation with a waiting message or a draft is checked against memory after this silence. */
const silenceMs = 8_000;
/** A draft without news for this long is given up. */
const abandonedMs = 120_000;
const maxWaitMs = 24 * 60 * 60_000;
const askIntervalMs = 1_000;

/** The draft of an answer, as far as this replica received it. */
interface RunningAnswer {
  readonly turn: TurnId;
  readonly writer: string;
  readonly draft: number;
  /** Empty: the beginning of the draft was missed. */
  readonly text: string;
  readonly covers: readonly string[] | undefined;
}

interface View {
  said: readonly ShownMessage[];
  running: RunningAnswer | undefined;
  lastEventAtMs: number;
  checkedAtMs: number;
  askedAtMs: number;
}

/** A message as memory or the archive stores it. */
export type StoredMessage = Omit<RememberedMessage, "tokens">;

/** A read of memory under way. `isStale`: a turn has finished since, so the result may lack it. */
export interface MemoryRead extends Disposable {
  isStale: boolean;
}

/** What pages show beyond memory: messages that wait for their turn, and drafts of answers. */
export class ConversationViews {
  /** Only conversations with a waiting message or a draft. */
  readonly #views = new Map<ConversationKey, View>();
  readonly #changes = new RecentChanges();
  readonly #reads = new Map<ConversationKey, Set<MemoryRead>>();

  /** Adds an accepted message whose turn has not finished. Returns whether it is new. */
  addSaid(conversation: ConversationKey, message: ShownMessage, nowMs: number): boolean {
    const view = this.#viewOf(conversation, nowMs);
    if (view.said.some((each) => each.id === message.id)) return false;
    // Older messages that don't fit are shown after their turn; the inbox has them.
    view.said = fitNewest([...view.said, message], fullPage).fitting;
    return true;
  }

  said(conversation: ConversationKey): readonly ShownMessage[] {
    return this.#views.get(conversation)?.said ?? [];
  }

  /** Applies an edit, or a deletion if `text` is undefined. */
  change(conversation: ConversationKey, message: string, text: string | undefined, nowMs: number): void {
    this.#changes.add({ conversation, message, text, atMs: nowMs });
    const view = this.#views.get(conversation);
    if (view === undefined) return;
    view.said = this.#changes.applyTo(conversation, view.said);
    this.#dropIfEmpty(conversation);
  }

  /** The current draft. Undefined also if its beginning was missed. */
  running(
    conversation: ConversationKey,
  ): { readonly turn: TurnId; readonly text: string; readonly covers?: readonly string[] } | undefined {
    const running = this.#views.get(conversation)?.running;
    if (running === undefined || running.text === "") return undefined;
    const { turn, text, covers } = running;
    return { turn, text, ...(covers === undefined ? {} : { covers }) };
  }

  /**
   * Extends the draft. Returns the piece that pages lack; "restarted": their text is outdated; "gap": a part was
   * missed.
   */
  grow(
    conversation: ConversationKey,
    { turn, writer, draft, at, text, covers }: Growth,
    nowMs: number,
  ): { readonly piece: string } | "restarted" | "gap" {
    this.#changes.revive(conversation, turn);
    const view = this.#viewOf(conversation, nowMs);
    const known = view.running;
    if (at > 0) {
      const isNext = known?.writer === writer && known.draft === draft && known.text.length === at;
      if (!isNext) {
        view.running ??= { turn, writer, draft, text: "", covers };
        return "gap";
      }
      view.running = { ...known, text: known.text + text };
      return { piece: text };
    }
    view.running = { turn, writer, draft, text, covers };
    if (known === undefined || known.text === "") return { piece: text };
    if (known.turn !== turn || !text.startsWith(known.text)) return "restarted";
    return { piece: text.slice(known.text.length) };
  }

  /** True if the whole draft may be requested now: once a second at most. */
  mayAsk(conversation: ConversationKey, nowMs: number): boolean {
    const view = this.#views.get(conversation);
    if (view === undefined || nowMs - view.askedAtMs < askIntervalMs) return false;
    view.askedAtMs = nowMs;
    return true;
  }

  /** Ends the draft and its messages. False: pages lack one of the messages, because it is from before a restart. */
  finish(conversation: ConversationKey, covers: readonly string[]): boolean {
    this.#markReadsStale(conversation);
    const view = this.#views.get(conversation);
    const known = new Set(view?.said.map(({ id }) => id));
    if (view !== undefined) {
      view.running = undefined;
      view.said = view.said.filter(({ id }) => !covers.includes(id));
      this.#dropIfEmpty(conversation);
    }
    return covers.every((id) => known.has(id));
  }

  /** Removes the draft. Without a turn: whichever it is. */
  retract(conversation: ConversationKey, turn: TurnId | undefined): void {
    const view = this.#views.get(conversation);
    if (view?.running === undefined || (turn !== undefined && view.running.turn !== turn)) return;
    view.running = undefined;
    this.#dropIfEmpty(conversation);
  }

  /** Removes what memory shows as finished. Returns whether anything was. */
  reconcile(conversation: ConversationKey, memory: ConversationMemory | undefined): boolean {
    const view = this.#views.get(conversation);
    if (view === undefined || memory === undefined) return false;
    const known = new Set(memory.messages.map(({ id }) => id));
    const waiting = view.said.filter(({ id }) => !known.has(id));
    const isOver = view.running !== undefined && isRemembered(memory, view.running.turn);
    const isBehind = isOver || waiting.length < view.said.length;
    view.said = waiting;
    if (isOver) view.running = undefined;
    if (isBehind) this.#markReadsStale(conversation);
    this.#dropIfEmpty(conversation);
    return isBehind;
  }

  /** Hides everything from before the removal, however long memory takes to erase it. */
  remove(conversation: ConversationKey, atMs: number): void {
    this.#views.delete(conversation);
    this.#changes.remove(conversation, atMs);
  }

  /** Ends the hiding once memory has erased the conversation or has none. */
  confirmRemoval(conversation: ConversationKey, memory: ConversationMemory | undefined): void {
    this.#changes.confirmRemoval(conversation, memory === undefined ? Infinity : (memory.forgottenAtMs ?? 0));
  }

  /** Call before reading memory; repeat the read while it is stale. */
  beginRead(conversation: ConversationKey): MemoryRead {
    const reads = this.#reads.get(conversation) ?? new Set();
    const read: MemoryRead = {
      isStale: false,
      [Symbol.dispose]: () => {
        reads.delete(read);
        if (reads.size === 0) this.#reads.delete(conversation);
      },
    };
    this.#reads.set(conversation, reads.add(read));
    return read;
  }

  /** Oldest first: stored messages, then waiting ones. */
  history(conversation: ConversationKey, kept: readonly StoredMessage[]): readonly ShownMessage[] {
    const known = new Set(kept.map(({ id }) => id));
    const waiting = this.said(conversation).filter(({ id }) => !known.has(id));
    return [...this.withChanges(conversation, kept), ...this.#changes.applyTo(conversation, waiting)];
  }

  /** The stored messages with recent edits and deletions applied. */
  withChanges(conversation: ConversationKey, kept: readonly StoredMessage[]): readonly ShownMessage[] {
    return this.#changes.applyTo(conversation, kept.map(shown));
  }

  /**
   * Conversations to check against memory, because nothing was received for a while. Long silence is checked less
   * often.
   */
  silentConversations(nowMs: number): readonly ConversationKey[] {
    const due: ConversationKey[] = [];
    for (const [conversation, view] of this.#views) {
      const pauseMs = Math.max(silenceMs, (nowMs - view.lastEventAtMs) / 4);
      if (nowMs - Math.max(view.lastEventAtMs, view.checkedAtMs) < pauseMs) continue;
      view.checkedAtMs = nowMs;
      due.push(conversation);
    }
    return due;
  }

  /** Drops old entries. Returns the conversations whose draft was given up. */
  dropOld(nowMs: number): readonly ConversationKey[] {
    this.#changes.dropOld(nowMs, (conversation) => this.#views.get(conversation)?.running !== undefined);
    const lost: ConversationKey[] = [];
    for (const [conversation, view] of this.#views) {
      if (view.running !== undefined && nowMs - view.lastEventAtMs > abandonedMs) {
        view.running = undefined;
        lost.push(conversation);
      }
      view.said = view.said.filter(({ atMs }) => nowMs - atMs < maxWaitMs);
      this.#dropIfEmpty(conversation);
    }
    return lost;
  }

  #viewOf(conversation: ConversationKey, nowMs: number): View {
    const view = this.#views.get(conversation) ?? {
      said: [],
      running: undefined,
      lastEventAtMs: nowMs,
      checkedAtMs: 0,
      askedAtMs: 0,
    };
    view.lastEventAtMs = nowMs;
    this.#views.set(conversation, view);
    return view;
  }

  /** Reads under way may lack the finished turn. */
  #markReadsStale(conversation: ConversationKey): void {
    for (const read of this.#reads.get(conversation) ?? []) read.isStale = true;
  }

  #dropIfEmpty(conversation: ConversationKey): void {
    const view = this.#views.get(conversation);
    if (view?.running === undefined && view?.said.length === 0) this.#views.delete(conversation);
  }
}

/** True if the turn has finished: its reply is remembered under the turn's id. */
export function isRemembered(memory: ConversationMemory | undefined, turn: TurnId): boolean {
  return memory?.messages.some(({ id }) => id === turn) === true;
}

function shown({ id, role: by, text, saidAtMs: atMs, chapter, ordinal }: StoredMessage): ShownMessage {
  const role = by === "person" ? "user" : by === "bot" ? "assistant" : "notice";
  return { id, role, text, atMs, chapter, ordinal };
}
