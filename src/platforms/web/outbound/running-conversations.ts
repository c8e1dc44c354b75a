import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { TurnId } from "../../../domain/message.ts";
import { isRemembered } from "../history/shown-message.ts";
import type { Growth } from "../wire/live-events.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import { areSame, type ShownAction } from "../wire/shown-actions.ts";

/** A conversation is compared with the stores after this silence. */
const silenceMs = 8_000;
/** A draft of another replica without news for this long is given up. */
const abandonedMs = 120_000;
const askIntervalMs = 1_000;

/** An answer that is being written, as far as this replica knows it. */
interface Draft {
  readonly turn: TurnId;
  /** See Growth. */
  readonly by: TurnId | undefined;
  /** The replica that writes it. */
  readonly writer: string;
  /** Unique for its writer: a draft whose beginning changes gets another number. */
  readonly draft: number;
  /** Empty: the beginning was missed. */
  readonly text: string;
  readonly covers: readonly string[] | undefined;
  readonly actions: readonly ShownAction[];
}

/** A draft as a "piece" frame shows it. */
type ShownDraft = Omit<Extract<ServerFrame, { readonly type: "piece" }>, "type" | "conversation">;

/** What pages lack of a draft. */
interface Grown {
  readonly piece: string;
  /** Missing: its buttons are the same. */
  readonly actions?: readonly ShownAction[];
}

interface Running {
  /** Messages that wait for their turn, and replies to be given again, as far as pages were told. */
  waiting: ReadonlySet<string>;
  draft: Draft | undefined;
  lastEventAtMs: number;
  checkedAtMs: number;
  askedAtMs: number;
}

/** Conversations with a waiting message or a draft. The replica that writes an answer holds its draft for all others. */
export class RunningConversations {
  /** Unique for each start of a replica. */
  readonly replica: string;
  readonly #running = new Map<ConversationKey, Running>();
  #drafts = 0;

  constructor(replica: string) {
    this.replica = replica;
  }

  /**
   * What to publish when this replica writes: the new end and changed buttons, or the whole if the beginning has changed.
   * Undefined: nothing new.
   */
  growthTo(
    conversation: ConversationKey,
    { turn, by, text, covers = [], actions: shown }: Omit<Draft, "writer" | "draft">,
  ): Growth | undefined {
    const actions = [...shown];
    const known = this.#ownDraft(conversation);
    if (known?.turn === turn && known.by === by && text.startsWith(known.text)) {
      const { draft, text: before } = known;
      const at = before.length;
      const changed = areSame(actions, known.actions) ? {} : { actions };
      if (at === text.length && changed.actions === undefined) return undefined;
      return { draft, turn, by, at, text: text.slice(at), ...changed };
    }
    this.#drafts += 1;
    return { draft: this.#drafts, turn, by, at: 0, text, covers: [...covers], actions };
  }

  /**
   * Extends the draft. Returns the piece that pages lack; "restarted": their text is outdated; "gap": a part was
   * missed.
   */
  grow(
    conversation: ConversationKey,
    { turn, by, writer, draft, at, text, covers, actions }: Growth & { readonly writer: string },
    nowMs: number,
  ): Grown | "restarted" | "gap" {
    const running = this.#runningOf(conversation, nowMs);
    const known = running.draft;
    if (at > 0) {
      if (known?.writer !== writer || known.draft !== draft || known.text.length !== at) {
        running.draft ??= { turn, by, writer, draft, text: "", covers, actions: [] };
        return "gap";
      }
      running.draft = { ...known, text: known.text + text, actions: actions ?? known.actions };
      return { piece: text, ...(actions === undefined ? {} : { actions }) };
    }
    running.draft = { turn, by, writer, draft, text, covers, actions: actions ?? [] };
    const shown = areSame(running.draft.actions, known?.actions ?? [])
      ? {}
      : { actions: running.draft.actions };
    if (known === undefined || known.text === "") return { piece: text, ...shown };
    if (known.turn !== turn || !text.startsWith(known.text)) return "restarted";
    return { piece: text.slice(known.text.length), ...shown };
  }

  /** The draft for pages. Undefined also if its beginning was missed. */
  draft(conversation: ConversationKey): ShownDraft | undefined {
    const draft = this.#running.get(conversation)?.draft;
    if (draft === undefined || draft.text === "") return undefined;
    const { turn, by = turn, text, covers, actions } = draft;
    const known = { ...(covers === undefined ? {} : { covers }), ...(by === turn ? {} : { by }) };
    return { turn, text, ...known, ...(actions.length === 0 ? {} : { actions }) };
  }

  /** Whether memory has the answer of the draft, so that the draft is over. */
  isRemembered(conversation: ConversationKey, memory: ConversationMemory | undefined): boolean {
    const draft = this.#running.get(conversation)?.draft;
    return draft !== undefined && isRemembered(memory, draft);
  }

  /** The whole draft, if this replica writes it. */
  own(conversation: ConversationKey): Growth | undefined {
    const own = this.#ownDraft(conversation);
    if (own === undefined) return undefined;
    const { draft, turn, by, text, covers, actions } = own;
    const known = covers === undefined ? {} : { covers: [...covers] };
    return { draft, turn, by, at: 0, text, actions: [...actions], ...known };
  }

  /** True if the whole draft may be requested now: once a second at most. */
  mayAsk(conversation: ConversationKey, nowMs: number): boolean {
    const running = this.#running.get(conversation);
    if (running === undefined || nowMs - running.askedAtMs < askIntervalMs) return false;
    running.askedAtMs = nowMs;
    return true;
  }

  has(conversation: ConversationKey): boolean {
    return this.#running.has(conversation);
  }

  /** Messages wait for their turn. */
  expect(conversation: ConversationKey, messages: Iterable<string>, nowMs: number): void {
    const added = [...messages];
    if (added.length === 0) return;
    const running = this.#runningOf(conversation, nowMs);
    running.waiting = new Set([...running.waiting, ...added]);
  }

  /**
   * Ends the draft and its messages. A turn without a text leaves the draft of another alone: a command may finish beside
   * an answer. Returns whether the turn's messages were known here.
   */
  finish(
    conversation: ConversationKey,
    {
      turn,
      text,
      covers,
    }: { readonly turn: TurnId; readonly text: string; readonly covers: readonly string[] },
  ): boolean {
    const running = this.#running.get(conversation);
    if (running === undefined) return covers.length === 0;
    const covered = new Set(covers);
    const isKnown = covered.isSubsetOf(running.waiting);
    const isOther = running.draft?.turn !== turn && covered.isDisjointFrom(new Set(running.draft?.covers));
    if (text !== "" || !isOther) running.draft = undefined;
    running.waiting = running.waiting.difference(covered.add(turn));
    this.#dropIfEmpty(conversation);
    return isKnown;
  }

  /** Ends the draft. `turn` missing: of any turn. */
  endDraft(conversation: ConversationKey, turn?: TurnId): void {
    const running = this.#running.get(conversation);
    if (running === undefined || (turn !== undefined && running.draft?.turn !== turn)) return;
    running.draft = undefined;
    this.#dropIfEmpty(conversation);
  }

  remove(conversation: ConversationKey): void {
    this.#running.delete(conversation);
  }

  /** Compares with what the stores hold. Returns whether pages are behind. */
  compare(
    conversation: ConversationKey,
    stored: { readonly memory: ConversationMemory | undefined; readonly waiting: ReadonlySet<string> },
  ): boolean {
    const running = this.#running.get(conversation);
    if (running === undefined) return false;
    const isOver = running.draft !== undefined && isRemembered(stored.memory, running.draft);
    const isBehind = isOver || stored.waiting.symmetricDifference(running.waiting).size > 0;
    running.waiting = stored.waiting;
    if (isOver) running.draft = undefined;
    this.#dropIfEmpty(conversation);
    return isBehind;
  }

  /** Conversations to compare with the stores. The longer the silence, the less often. */
  silent(nowMs: number): readonly ConversationKey[] {
    const due: ConversationKey[] = [];
    for (const [conversation, running] of this.#running) {
      const pauseMs = Math.max(silenceMs, (nowMs - running.lastEventAtMs) / 4);
      if (nowMs - Math.max(running.lastEventAtMs, running.checkedAtMs) < pauseMs) continue;
      running.checkedAtMs = nowMs;
      due.push(conversation);
    }
    return due;
  }

  /** Drops drafts whose writer is gone. Returns their conversations. */
  dropAbandoned(nowMs: number): readonly ConversationKey[] {
    const dropped: ConversationKey[] = [];
    for (const [conversation, { draft, lastEventAtMs }] of this.#running) {
      if (draft === undefined || nowMs - lastEventAtMs <= abandonedMs) continue;
      if (this.#ownDraft(conversation) !== undefined) continue;
      this.endDraft(conversation);
      dropped.push(conversation);
    }
    return dropped;
  }

  #ownDraft(conversation: ConversationKey): Draft | undefined {
    const draft = this.#running.get(conversation)?.draft;
    return draft?.writer === this.replica ? draft : undefined;
  }

  #runningOf(conversation: ConversationKey, nowMs: number): Running {
    const running = this.#running.get(conversation) ?? {
      waiting: new Set(),
      draft: undefined,
      lastEventAtMs: nowMs,
      checkedAtMs: 0,
      askedAtMs: 0,
    };
    running.lastEventAtMs = nowMs;
    this.#running.set(conversation, running);
    return running;
  }

  #dropIfEmpty(conversation: ConversationKey): void {
    const running = this.#running.get(conversation);
    if (running?.draft === undefined && running?.waiting.size === 0) this.#running.delete(conversation);
  }
}
