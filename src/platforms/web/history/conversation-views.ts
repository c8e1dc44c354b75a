import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../../domain/conversation-memory.ts";
import type { Growth } from "../wire/live-events.ts";
import { fitNewest, fullPage } from "./fit-newest.ts";
import type { ShownMessage } from "../wire/protocol.ts";
import { RecentChanges } from "./recent-changes.ts";

/** How long nothing may be viewOf of what waits or is written before memory is asked whether it is over. */
const silenceMs = 8_000;
/** How long nothing may be viewOf of an answer before nobody writes it any more. */
const abandonedMs = 120_000;
const maxWaitMs = 24 * 60 * 60_000;
const askIntervalMs = 1_000;

/** The answer that is being written, as far as it was viewOf here. */
interface RunningAnswer {
  readonly turn: TurnId;
  readonly writer: string;
  readonly draft: number;
  /** Empty: there is an answer, and its beginning was missed. */
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

/** A message as memory or the ledger keeps it. */
export type StoredMessage = Omit<RememberedMessage, "tokens">;

/** Somebody reads memory to show it. `isStale`: a turn has finished since, so what is read may lack it. */
export interface MemoryRead extends Disposable {
  isStale: boolean;
}

/** What a page shows of the conversations beyond what is remembered yet: what was just said, and the running answer. */
export class ConversationViews {
  /** Only where something waits or runs. */
  readonly #views = new Map<ConversationKey, View>();
  readonly #changes = new RecentChanges();
  readonly #reads = new Map<ConversationKey, Set<MemoryRead>>();

  /** It was accepted, and its turn has not finished. Gives whether that is new. */
  addSaid(conversation: ConversationKey, message: ShownMessage, nowMs: number): boolean {
    const view = this.#viewOf(conversation, nowMs);
    if (view.said.some((each) => each.id === message.id)) return false;
    // What came before waits too, in the inbox; pages show it when it has had its turn.
    view.said = fitNewest([...view.said, message], fullPage).fitting;
    return true;
  }

  said(conversation: ConversationKey): readonly ShownMessage[] {
    return this.#views.get(conversation)?.said ?? [];
  }

  /** It was edited, or deleted when there is no text. */
  change(conversation: ConversationKey, message: string, text: string | undefined, nowMs: number): void {
    this.#changes.add({ conversation, message, text, atMs: nowMs });
    const view = this.#views.get(conversation);
    if (view === undefined) return;
    view.said = this.#changes.applyTo(conversation, view.said);
    this.#dropIfEmpty(conversation);
  }

  /** Undefined also while only its rest is known. */
  running(
    conversation: ConversationKey,
  ): { readonly turn: TurnId; readonly text: string; readonly covers?: readonly string[] } | undefined {
    const running = this.#views.get(conversation)?.running;
    if (running === undefined || running.text === "") return undefined;
    const { turn, text, covers } = running;
    return { turn, text, ...(covers === undefined ? {} : { covers }) };
  }

  /** Gives the piece that pages lack; `anew` where what they show is void; `gap` where something was missed. */
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

  /** Gives whether it is worth asking for the whole: once a second at most. */
  mayAsk(conversation: ConversationKey, nowMs: number): boolean {
    const view = this.#views.get(conversation);
    if (view === undefined || nowMs - view.askedAtMs < askIntervalMs) return false;
    view.askedAtMs = nowMs;
    return true;
  }

  /** Gives whether pages know all that the turn covers; they don't when it was said before a restart. */
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

  /** What was shown of an answer is void. Without a turn: of whichever. */
  retract(conversation: ConversationKey, turn: TurnId | undefined): void {
    const view = this.#views.get(conversation);
    if (view?.running === undefined || (turn !== undefined && view.running.turn !== turn)) return;
    view.running = undefined;
    this.#dropIfEmpty(conversation);
  }

  /** Gives whether memory says that something is over which was not viewOf of here. */
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

  /** The whole conversation was removed: nothing of what was said before is shown any more, however long memory takes. */
  remove(conversation: ConversationKey, atMs: number): void {
    this.#views.delete(conversation);
    this.#changes.remove(conversation, atMs);
  }

  /** Memory was read: from when it has forgotten the conversation, or has nothing of it. */
  confirmRemoval(conversation: ConversationKey, memory: ConversationMemory | undefined): void {
    this.#changes.confirmRemoval(conversation, memory === undefined ? Infinity : (memory.forgottenAtMs ?? 0));
  }

  /** Begin before reading memory, and read again while it is stale. */
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

  /** Oldest first: what is kept, then what waits. */
  history(conversation: ConversationKey, kept: readonly StoredMessage[]): readonly ShownMessage[] {
    const known = new Set(kept.map(({ id }) => id));
    const waiting = this.said(conversation).filter(({ id }) => !known.has(id));
    return [...this.withChanges(conversation, kept), ...this.#changes.applyTo(conversation, waiting)];
  }

  /** What is kept, with what was ordered since. */
  withChanges(conversation: ConversationKey, kept: readonly StoredMessage[]): readonly ShownMessage[] {
    return this.#changes.applyTo(conversation, kept.map(shown));
  }

  /** Where nothing was viewOf for a while, less often the longer it is. Each is given only when it is due again. */
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

  /** Gives where an answer was given up that nobody writes any more. */
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

  /** What is being read may lack what no longer waits. */
  #markReadsStale(conversation: ConversationKey): void {
    for (const read of this.#reads.get(conversation) ?? []) read.isStale = true;
  }

  #dropIfEmpty(conversation: ConversationKey): void {
    const view = this.#views.get(conversation);
    if (view?.running === undefined && view?.said.length === 0) this.#views.delete(conversation);
  }
}

/** Whether a turn is over, whoever finished it: its reply, which is one post here, has the turn's id. */
export function isRemembered(memory: ConversationMemory | undefined, turn: TurnId): boolean {
  return memory?.messages.some(({ id }) => id === turn) === true;
}

function shown({ id, role: by, text, saidAtMs: atMs, chapter, ordinal }: StoredMessage): ShownMessage {
  const role = by === "person" ? "user" : by === "bot" ? "assistant" : "notice";
  return { id, role, text, atMs, chapter, ordinal };
}
