import type { JournalledPost, Lease, Turn } from "../../domain/turn.ts";
import type { Journal } from "../../ports/journal.ts";

/** The record of a turn in the journal, as this process last saved it. Each write is fenced by the lease. */
export class RunningTurn {
  readonly #journal: Journal;
  readonly #lease: Lease;
  #turn: Turn;

  constructor(journal: Journal, lease: Lease, turn: Turn) {
    this.#journal = journal;
    this.#lease = lease;
    this.#turn = turn;
  }

  /** As last saved. */
  get turn(): Turn {
    return this.#turn;
  }

  /** @throws {StaleLeaseError} if another process claimed the conversation; {StoreError} */
  async save(change: Partial<Turn>, signal: AbortSignal): Promise<void> {
    await this.#replace({ ...this.#turn, ...change }, signal);
  }

  /** Saves a post in its place. @throws as `save` */
  async savePost(post: JournalledPost, signal: AbortSignal): Promise<void> {
    await this.save({ posts: this.#turn.posts.toSpliced(post.part, 1, post) }, signal);
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

  /** @throws {StaleLeaseError} if another process claimed the conversation; {StoreError} */
  async assertCurrent(signal: AbortSignal): Promise<void> {
    await this.#journal.assertCurrent(this.#lease, signal);
  }

  async #replace(turn: Turn, signal: AbortSignal): Promise<void> {
    await this.#journal.save(this.#lease, turn, signal);
    this.#turn = turn;
  }
}
