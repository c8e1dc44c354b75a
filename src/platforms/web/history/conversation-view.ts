import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../../domain/conversation-memory.ts";
import type { Growth } from "../wire/live-events.ts";
import { newestThatFit, wholePage } from "./newest-that-fit.ts";
import type { ShownMessage } from "../wire/protocol.ts";
import { RecentChanges } from "./recent-changes.ts";

/** How long nothing may be heard of what waits or is written before memory is asked whether it is over. */
const silentMs = 8_000;
/** How long nothing may be heard of an answer before nobody writes it any more. */
const lostMs = 120_000;
const longestWaitMs = 24 * 60 * 60_000;
const askEveryMs = 1_000;

/** The answer that is being written, as far as it was heard here. */
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
  heardAtMs: number;
  checkedAtMs: number;
  askedAtMs: number;
}

/** A message as memory or the ledger keeps it. */
export type KeptMessage = Omit<RememberedMessage, "tokens">;

/** Somebody reads memory to show it. `isStale`: a turn has finished since, so what is read may lack it. */
export interface Look extends Disposable {
  isStale: boolean;
}

/** What a page shows of the conversations beyond what is remembered yet: what was just said, and the running answer. */
export class ConversationViews {
  /** Only where something waits or runs. */
  readonly #views = new Map<ConversationKey, View>();
  readonly #changes = new RecentChanges();
  readonly #looks = new Map<ConversationKey, Set<Look>>();

  /** It was accepted, and its turn has not finished. Gives whether that is new. */
  addSaid(conversation: ConversationKey, message: ShownMessage, nowMs: number): boolean {
    const view = this.#heard(conversation, nowMs);
    if (view.said.some((each) => each.id === message.id)) return false;
    // What came before waits too, in the inbox; pages show it when it has had its turn.
    view.said = newestThatFit([...view.said, message], wholePage).fitting;
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
    this.#tidy(conversation);
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
  ): { readonly piece: string } | "anew" | "gap" {
    this.#changes.revive(conversation, turn);
    const view = this.#heard(conversation, nowMs);
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
    if (known.turn !== turn || !text.startsWith(known.text)) return "anew";
    return { piece: text.slice(known.text.length) };
  }

  /** Gives whether it is worth asking for the whole: once a second at most. */
  mayAsk(conversation: ConversationKey, nowMs: number): boolean {
    const view = this.#views.get(conversation);
    if (view === undefined || nowMs - view.askedAtMs < askEveryMs) return false;
    view.askedAtMs = nowMs;
    return true;
  }

  /** Gives whether pages know all that the turn covers; they don't when it was said before a restart. */
  finish(conversation: ConversationKey, covers: readonly string[]): boolean {
    this.#disturb(conversation);
    const view = this.#views.get(conversation);
    const known = new Set(view?.said.map(({ id }) => id));
    if (view !== undefined) {
      view.running = undefined;
      view.said = view.said.filter(({ id }) => !covers.includes(id));
      this.#tidy(conversation);
    }
    return covers.every((id) => known.has(id));
  }

  /** What was shown of an answer is void. Without a turn: of whichever. */
  withdraw(conversation: ConversationKey, turn: TurnId | undefined): void {
    const view = this.#views.get(conversation);
    if (view?.running === undefined || (turn !== undefined && view.running.turn !== turn)) return;
    view.running = undefined;
    this.#tidy(conversation);
  }

  /** Gives whether memory says that something is over which was not heard of here. */
  settle(conversation: ConversationKey, memory: ConversationMemory | undefined): boolean {
    const view = this.#views.get(conversation);
    if (view === undefined || memory === undefined) return false;
    const known = new Set(memory.messages.map(({ id }) => id));
    const waiting = view.said.filter(({ id }) => !known.has(id));
    const isOver = view.running !== undefined && isRemembered(memory, view.running.turn);
    const isBehind = isOver || waiting.length < view.said.length;
    view.said = waiting;
    if (isOver) view.running = undefined;
    if (isBehind) this.#disturb(conversation);
    this.#tidy(conversation);
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
  look(conversation: ConversationKey): Look {
    const looks = this.#looks.get(conversation) ?? new Set();
    const look: Look = {
      isStale: false,
      [Symbol.dispose]: () => {
        looks.delete(look);
        if (looks.size === 0) this.#looks.delete(conversation);
      },
    };
    this.#looks.set(conversation, looks.add(look));
    return look;
  }

  /** Oldest first: what is kept, then what waits. */
  history(conversation: ConversationKey, kept: readonly KeptMessage[]): readonly ShownMessage[] {
    const known = new Set(kept.map(({ id }) => id));
    const waiting = this.said(conversation).filter(({ id }) => !known.has(id));
    return [...this.asItReads(conversation, kept), ...this.#changes.applyTo(conversation, waiting)];
  }

  /** What is kept, with what was ordered since. */
  asItReads(conversation: ConversationKey, kept: readonly KeptMessage[]): readonly ShownMessage[] {
    return this.#changes.applyTo(conversation, kept.map(shown));
  }

  /** Where nothing was heard for a while, less often the longer it is. Each is given only when it is due again. */
  silent(nowMs: number): readonly ConversationKey[] {
    const due: ConversationKey[] = [];
    for (const [conversation, view] of this.#views) {
      const pauseMs = Math.max(silentMs, (nowMs - view.heardAtMs) / 4);
      if (nowMs - Math.max(view.heardAtMs, view.checkedAtMs) < pauseMs) continue;
      view.checkedAtMs = nowMs;
      due.push(conversation);
    }
    return due;
  }

  /** Gives where an answer was given up that nobody writes any more. */
  forgetOld(nowMs: number): readonly ConversationKey[] {
    this.#changes.forgetOld(nowMs, (conversation) => this.#views.get(conversation)?.running !== undefined);
    const lost: ConversationKey[] = [];
    for (const [conversation, view] of this.#views) {
      if (view.running !== undefined && nowMs - view.heardAtMs > lostMs) {
        view.running = undefined;
        lost.push(conversation);
      }
      view.said = view.said.filter(({ atMs }) => nowMs - atMs < longestWaitMs);
      this.#tidy(conversation);
    }
    return lost;
  }

  #heard(conversation: ConversationKey, nowMs: number): View {
    const view = this.#views.get(conversation) ?? {
      said: [],
      running: undefined,
      heardAtMs: nowMs,
      checkedAtMs: 0,
      askedAtMs: 0,
    };
    view.heardAtMs = nowMs;
    this.#views.set(conversation, view);
    return view;
  }

  /** What is being read may lack what no longer waits. */
  #disturb(conversation: ConversationKey): void {
    for (const look of this.#looks.get(conversation) ?? []) look.isStale = true;
  }

  #tidy(conversation: ConversationKey): void {
    const view = this.#views.get(conversation);
    if (view?.running === undefined && view?.said.length === 0) this.#views.delete(conversation);
  }
}

/** Whether a turn is over, whoever finished it: its reply, which is one post here, has the turn's id. */
export function isRemembered(memory: ConversationMemory | undefined, turn: TurnId): boolean {
  return memory?.messages.some(({ id }) => id === turn) === true;
}

function shown({ id, role: by, text, saidAtMs: atMs, chapter, ordinal }: KeptMessage): ShownMessage {
  const role = by === "person" ? "user" : by === "bot" ? "assistant" : "notice";
  return { id, role, text, atMs, chapter, ordinal };
}
