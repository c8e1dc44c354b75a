import { retryDelayMs } from "../../async/retry-delay.ts";
import type { PostId } from "../../domain/message.ts";
import type { JournalledPost, Lease, Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import { StaleLeaseError, type Finish, type Journal } from "../../ports/journal.ts";
import { StoreError } from "../../ports/store-error.ts";

/** A note is saved after this time unless a save has taken it along by then. */
const noteMs = 100;
/** For so long after a fenced write, the lease is not checked again before the next write outside. */
const freshMs = 500;
/** The text so far is saved this often while it grows, unless another save has taken it along. */
const draftMs = 2_000;
/** What an outage kept from being checked is checked again at this pace, for some six minutes. */
const checkPace = { firstMs: 500, longestMs: 10_000 };
const maxChecks = 40;
/** Each call of a store has a deadline of its own. */
const { signal: never } = new AbortController();

interface RunningTurnPorts {
  readonly journal: Journal;
  readonly clock: Pick<Clock, "sleep">;
}

/** The record of a turn in the journal. Each write is fenced by the lease. */
export class RunningTurn {
  readonly #journal: Journal;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #lease: Lease;
  #turn: Turn;
  /** Set while a note waits to be saved. */
  #timer: NodeJS.Timeout | undefined;
  /** The save of the last note. Never rejects. */
  #noted: Promise<void> = Promise.resolve();
  #currentAtMs = Number.NEGATIVE_INFINITY;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  /** The posts that were written since the lease was checked, by part. */
  readonly #unchecked = new Map<number, { readonly id: PostId }>();
  #isCheckedLater = false;
  /** The journal was away: when it is back, another process may have this turn. */
  #mayBeTaken = false;
  #isTaken = false;
  /** Those from before this process began, and those that `onTaken` was told of. */
  readonly #told: Set<PostId>;
  #onLost: (part: number, id: PostId) => Promise<void> = async () => undefined;
  #onTaken: (turn: Turn, made: readonly PostId[]) => void = () => undefined;

  constructor({ journal, clock }: RunningTurnPorts, lease: Lease, turn: Turn) {
    this.#journal = journal;
    this.#clock = clock;
    this.#lease = lease;
    this.#turn = turn;
    this.#told = new Set(this.#ids());
  }

  /** As last saved or noted. */
  get turn(): Turn {
    return this.#turn;
  }

  /**
   * Awaits `repair` for each post that was written since the last check of the lease, when a check finds that another process
   * claimed the conversation. Every write of the journal is such a check. One that fails, or whose repair fails, is done again
   * later, also after the end of the turn.
   */
  onLost(repair: (part: number, id: PostId) => Promise<void>): void {
    this.#onLost = repair;
  }

  /** Calls `settle` with the posts that this process made, each once, when another one has claimed the conversation. */
  onTaken(settle: (turn: Turn, made: readonly PostId[]) => void): void {
    this.#onTaken = settle;
  }

  /** A post was written. The next check of the lease shows whether that was right. */
  wrote(part: number, id: PostId): void {
    this.#unchecked.set(part, { id });
  }

  /** Saves what was noted, and checks what was written. @throws as `assertCurrent` */
  async checkWritten(signal: AbortSignal): Promise<void> {
    await this.flush();
    if (this.#unchecked.size > 0) await this.assertCurrent(signal);
  }

  /** @throws {StaleLeaseError} if another process claimed the conversation; {StoreError} */
  async save(change: Partial<Turn>, signal: AbortSignal): Promise<void> {
    const { draft, ...turn } = { ...this.#turn, ...change };
    const kept = draft === undefined || turn.answer !== undefined ? {} : { draft };
    await this.#replace({ ...turn, ...kept }, signal);
  }

  /** Saves a post in its place. @throws as `save` */
  async savePost(post: JournalledPost, signal: AbortSignal): Promise<void> {
    await this.save({ posts: this.#with(post) }, signal);
  }

  /** Marks the posts before a part as complete. @throws as `save` */
  async saveWhole(part: number, signal: AbortSignal): Promise<void> {
    const posts = this.#turn.posts.map((post) => (post.part < part ? { ...post, isWhole: true } : post));
    await this.save({ posts }, signal);
  }

  /**
   * Changes a post in its place, and saves it with the next save, or soon. Call `flush` before the turn can end without
   * `finish`.
   */
  notePost(post: JournalledPost): void {
    this.#turn = { ...this.#turn, posts: this.#with(post) };
    this.#timer ??= setTimeout(() => this.#saveNote(), noteMs);
  }

  /** People see this much of the text. The next save takes it along. */
  noteDraft(draft: string): void {
    if (draft !== "" && this.#turn.answer === undefined) this.#turn = { ...this.#turn, draft };
  }

  /** Checks the lease after a growing write, and saves the draft from time to time. @throws as `assertCurrent` */
  async checkGrowth(signal: AbortSignal): Promise<void> {
    const isDue = this.#turn.draft !== undefined && performance.now() - this.#savedAtMs > draftMs;
    await (isDue ? this.#replace(this.#turn, signal) : this.assertCurrent(signal));
  }

  /** Saves what was noted. Never rejects: `onLost` is called if another process claimed the conversation. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) this.#saveNote();
    await this.#noted;
  }

  /** Forgets a post and all after it. @throws as `save` */
  async dropPostsFrom(part: number, signal: AbortSignal): Promise<void> {
    await this.save({ posts: this.#turn.posts.slice(0, part) }, signal);
  }

  /**
   * Clears `waitsFor` and `request` before their line is overwritten: the journal must never claim a line that is not shown.
   */
  async endWait(signal: AbortSignal): Promise<void> {
    const { waitsFor, request, ...rest } = this.#turn;
    if (waitsFor !== undefined || request !== undefined) await this.#replace(rest, signal);
  }

  /** Before a write outside: checks the lease unless that was done a moment ago. @throws as `assertCurrent` */
  async assertRecent(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#currentAtMs > freshMs) await this.assertCurrent(signal);
  }

  /** @throws {StaleLeaseError} if another process claimed the conversation; {StoreError} */
  async assertCurrent(signal: AbortSignal): Promise<void> {
    await this.#fenced(() => this.#journal.assertCurrent(this.#lease, signal));
  }

  /** Ends the turn. @throws {StaleLeaseError} if another process claimed the conversation; {StoreError} */
  async finish(finish: Finish, signal: AbortSignal): Promise<void> {
    await this.#endNote();
    await this.#fenced(() => this.#journal.finish(this.#lease, finish, signal));
    this.#mayBeTaken = false;
  }

  #with(post: JournalledPost): readonly JournalledPost[] {
    return this.#turn.posts.toSpliced(post.part, 1, post);
  }

  async #replace(turn: Turn, signal: AbortSignal): Promise<void> {
    await this.#endNote();
    await this.#fenced(() => this.#journal.save(this.#lease, turn, signal));
    this.#turn = turn;
    this.#savedAtMs = performance.now();
  }

  /** A late save must not follow a newer one, or the finish. */
  async #endNote(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#noted;
  }

  #saveNote(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const save = () => this.#journal.save(this.#lease, this.#turn, never);
    this.#noted = this.#fenced(save).catch(() => undefined);
  }

  async #fenced<T>(write: () => Promise<T>): Promise<void> {
    const startedAtMs = performance.now();
    const written = [...this.#unchecked];
    try {
      await write();
    } catch (error) {
      if (error instanceof StoreError) this.#mayBeTaken = true;
      if (error instanceof StaleLeaseError) {
        this.#tellTaken();
        await this.#repairWritten().catch(() => undefined);
      }
      void this.checkLater();
      throw error;
    }
    this.#currentAtMs = startedAtMs;
    for (const [part, post] of written) if (this.#unchecked.get(part) === post) this.#unchecked.delete(part);
  }

  #tellTaken(): void {
    this.#isTaken = true;
    const made = this.#ids().filter((id) => !this.#told.has(id));
    for (const id of made) this.#told.add(id);
    if (made.length > 0) this.#onTaken(this.#turn, made);
  }

  #ids(): readonly PostId[] {
    return this.#turn.posts.flatMap(({ id }) => id ?? []);
  }

  async #repairWritten(): Promise<void> {
    for (const [part, { id }] of this.#unchecked) {
      await this.#onLost(part, id);
      this.#unchecked.delete(part);
    }
  }

  /**
   * Checks what was written until a check succeeds, also after the end of the turn. While the store is away, nobody can tell
   * whether it stands over the reply of another process. After a failed write it goes on to check until another process has
   * the turn: a store may come back without the posts. Never rejects.
   */
  async checkLater(): Promise<void> {
    if (this.#isCheckedLater) return;
    this.#isCheckedLater = true;
    for (let tries = 1; tries <= maxChecks && this.#isUnsettled(); tries += 1) {
      await this.#clock.sleep(retryDelayMs(tries, checkPace), never);
      if (this.#isUnsettled()) await this.assertCurrent(never).catch(() => undefined);
    }
    this.#isCheckedLater = false;
  }

  #isUnsettled(): boolean {
    const mayHaveStrays = this.#mayBeTaken && !this.#isTaken && this.#ids().length > 0;
    return this.#unchecked.size > 0 || mayHaveStrays;
  }
}
