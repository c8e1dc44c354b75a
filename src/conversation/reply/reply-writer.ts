import type { MessageId, PostId } from "../../domain/message.ts";
import type { JournalledPost, Lease, Turn, Wait } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import { StaleLeaseError, type Journal } from "../../ports/journal.ts";
import type { Memory } from "../../ports/memory.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Post } from "../../domain/post.ts";
import { repairPost } from "./repair-post.ts";
import { waitingFor } from "../text/user-messages.ts";
import { nextWrite, type Growing } from "./next-write.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { retryDelayOf, retry } from "../async/retry.ts";

/** What writing a reply needs. */
export interface ReplyPorts {
  readonly journal: Journal;
  readonly memories: Memory;
  readonly platform: Platform;
  readonly clock: Clock;
}

const firstGrowthMs = 300;
/** How often a deleted post is posted again. After that, the person clearly wants it gone. */
const maxReposts = 3;

type Content = Pick<Post, "text" | "state" | "isLine">;

/** Writes the reply of one turn. Its posts grow while the model writes; each post is journalled before and after its creation. */
export class ReplyWriter {
  readonly #ports: ReplyPorts;
  readonly #lease: Lease;
  readonly #covers: readonly MessageId[];
  /** What each post shows now, as far as this process knows. */
  readonly #shown = new Map<number, Content>();
  #turn: Turn;
  #wanted = "";
  #pump: Promise<void> | undefined;
  /** Aborts when the reply must be written without the platform's pace. */
  #hurry = new AbortController();
  #fault: StaleLeaseError | undefined;
  /** The platform refused the growth for good. It is not tried again with each piece. */
  #isHopeless = false;
  /** The model is loading, and there is no text yet. */
  #isLoading = false;

  constructor(ports: ReplyPorts, lease: Lease, turn: Turn, covers: readonly MessageId[]) {
    this.#ports = ports;
    this.#lease = lease;
    this.#turn = turn;
    this.#covers = covers;
  }

  /** The turn as last saved. */
  get turn(): Turn {
    return this.#turn;
  }

  /** The text so far. */
  get text(): string {
    return this.#wanted;
  }

  /** Finds the posts of an earlier attempt, and creates the placeholder if the platform uses one. */
  async open(signal: AbortSignal): Promise<void> {
    const { platform } = this.#ports;
    for (const post of this.#turn.posts) {
      if (post.id === undefined) await this.#resolve(post, signal);
    }
    if (this.#turn.posts.length === 0 && platform.limits.placeholder !== undefined) {
      await this.#write(0, { text: platform.limits.placeholder, state: "writing" }, signal);
    }
  }

  /** Shows the text so far, at the platform's pace: one write at a time, with the newest text. Never throws. */
  grow(text: string, signal: AbortSignal): void {
    this.#wanted = text;
    if (this.#isHopeless) return;
    this.#pump ??= this.#show(signal).finally(() => {
      this.#pump = undefined;
    });
  }

  /** Shows that the model is loading, until there is text. */
  showLoading(signal: AbortSignal): void {
    this.#isLoading = true;
    this.grow(this.#wanted, signal);
  }

  /** Shows a line about an outage in place of the reply, and saves `waitsFor`. @throws {PlatformError} */
  async showWait(wait: Wait, signal: AbortSignal): Promise<void> {
    if (this.#turn.waitsFor?.what === wait.what) return;
    for (const post of this.#turn.posts) {
      if (post.id === undefined) await this.#resolve(post, signal);
    }
    await this.#write(0, { text: waitingFor(wait), state: "writing", isLine: true }, signal);
    await this.#deleteFrom(1, signal);
    await this.#replaceTurn({ ...this.#turn, waitsFor: wait }, signal);
  }

  /** Saves a change to the turn, after the running write has ended. */
  async saveTurn(
    change: Partial<Pick<Turn, "answer" | "answerRole" | "draft" | "sources" | "told">>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.settle();
    await this.#replaceTurn({ ...this.#turn, ...change }, signal);
  }

  /** Writes the complete reply and returns its posts. Deletes surplus posts of an earlier attempt. @throws {PlatformError} */
  async close(text: string, signal: AbortSignal): Promise<readonly PostId[]> {
    await this.settle();
    this.#wanted = text;
    const texts = splitMarkdown(text, this.#ports.platform.limits.postChars);
    for (const [part, each] of texts.entries()) {
      const state = part === texts.length - 1 ? "done" : "part";
      if (text === this.#turn.answer && this.#turn.posts[part]?.isWhole === true) continue;
      await this.#writeSurely(part, { text: each, state }, signal).catch((error: unknown) =>
        this.#noteWhole(part, error, signal),
      );
    }
    await this.#deleteFrom(texts.length, signal);
    return this.#turn.posts.flatMap((post) => post.id ?? []);
  }

  /** Marks complete posts before a wait for the rate limit, so that they are not written again. @throws the error. */
  async #noteWhole(parts: number, error: unknown, signal: AbortSignal): Promise<never> {
    if (parts > 0 && error instanceof PlatformError && error.kind === "rate-limited") {
      const posts = this.#turn.posts.map((post) => (post.part < parts ? { ...post, isWhole: true } : post));
      await this.#replaceTurn({ ...this.#turn, posts }, signal);
    }
    throw error;
  }

  /** Deletes all posts of the reply. @throws {PlatformError} */
  async deleteAll(signal: AbortSignal): Promise<void> {
    await this.settle();
    await this.#deleteFrom(0, signal);
  }

  /** Waits until no write is running. Never rejects. */
  async settle(): Promise<void> {
    this.#hurry.abort();
    await this.#pump;
    this.#hurry = new AbortController();
  }

  /** @throws {StaleLeaseError} if a growing write found that another process claimed the conversation. */
  throwIfLost(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Growth is optional: close() handles any error that ends it. */
  async #show(signal: AbortSignal): Promise<void> {
    const { platform, clock } = this.#ports;
    const { writeIntervalMs, postChars } = platform.limits;
    const stop = AbortSignal.any([signal, this.#hurry.signal]);
    try {
      // The first piece is half a word; a moment later there is something to read.
      if (this.#shown.size === 0 || this.#isPlaceholder())
        await clock.sleep(Math.min(firstGrowthMs, writeIntervalMs), stop);
      const next = (): Growing | undefined =>
        nextWrite(this.#shown, { text: this.#wanted, isLoading: this.#isLoading, postChars });
      for (let growing = next(); growing !== undefined; growing = next()) {
        stop.throwIfAborted();
        const pauseMs = await this.#write(growing.part, growing, signal).then(() => 0, retryDelayOf);
        await clock.sleep(Math.max(writeIntervalMs, pauseMs), stop);
      }
    } catch (error) {
      if (error instanceof StaleLeaseError) this.#fault = error;
      this.#isHopeless = error instanceof PlatformError;
    }
  }

  #isPlaceholder(): boolean {
    return this.#shown.get(0)?.text === this.#ports.platform.limits.placeholder;
  }

  async #writeSurely(part: number, wanted: Content, signal: AbortSignal): Promise<void> {
    const shown = this.#shown.get(part);
    if (shown?.text === wanted.text && (shown.state === wanted.state || wanted.state === "part")) return;
    await retry(this.#ports.clock, signal, () => this.#write(part, wanted, signal));
  }

  async #write(part: number, wanted: Content, signal: AbortSignal): Promise<void> {
    const { journal, clock } = this.#ports;
    if (part === 0) await this.#endWait(signal);
    const intended = this.#turn.posts[part];
    // A create without an answer may have taken effect.
    if (intended !== undefined && intended.id === undefined) await this.#resolve(intended, signal);
    const existing = this.#turn.posts[part];
    const again = existing?.again === undefined ? {} : { again: existing.again };
    const post: Post = { ...wanted, turn: this.#turn.id, part, covers: this.#covers, ...again };
    if (existing?.id !== undefined) {
      await journal.assertCurrent(this.#lease, signal);
      const isThere = await this.#editOrMiss(existing.id, post, signal);
      if (!isThere) return this.#write(part, wanted, signal);
      await this.#orRepairPost(part, existing.id, signal, () => journal.assertCurrent(this.#lease, signal));
    } else {
      const intendedAtMs = existing?.intendedAtMs ?? clock.nowMs();
      await this.#journalPost({ part, intendedAtMs, ...again }, signal);
      const id = await this.#createOrNote(post, signal);
      const made = { part, intendedAtMs, id, ...again };
      await this.#orRepairPost(part, id, signal, () => this.#journalPost(made, signal));
    }
    this.#shown.set(part, wanted);
  }

  /** Edits a post. False: a person deleted it, and its part has to be posted again. @throws {PlatformError} */
  async #editOrMiss(id: PostId, post: Post, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ports.platform.editPost(this.#turn.replyTo, id, post, signal);
      return true;
    } catch (error) {
      const isGone = error instanceof PlatformError && error.kind === "gone";
      const { part, again = 0 } = post;
      if (!isGone || again === maxReposts) throw error;
      const intendedAtMs = this.#ports.clock.nowMs();
      await this.#journalPost({ part, intendedAtMs, again: again + 1 }, signal);
      return false;
    }
  }

  /** Creates a post. After a rate limit its intent is removed: it was not created, and searching would cost calls. */
  async #createOrNote(post: Post, signal: AbortSignal): Promise<PostId> {
    try {
      return await this.#ports.platform.createPost(this.#turn.replyTo, post, signal);
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited")
        await this.#replaceTurn({ ...this.#turn, posts: this.#turn.posts.slice(0, post.part) }, signal);
      throw error;
    }
  }

  /** Checks the lease after a write. A process that was frozen before it may have overwritten a finished reply. */
  async #orRepairPost(
    part: number,
    id: PostId,
    signal: AbortSignal,
    check: () => Promise<void>,
  ): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (error instanceof StaleLeaseError) {
        const turn = {
          ...this.#turn,
          posts: this.#turn.posts.toSpliced(part, 1, { part, intendedAtMs: 0, id }),
        };
        await repairPost(this.#ports, { turn, part, id }, signal);
      }
      throw error;
    }
  }

  /** Clears `waitsFor` before its line is overwritten: the journal must never claim a line that is not shown. */
  async #endWait(signal: AbortSignal): Promise<void> {
    const { waitsFor, ...rest } = this.#turn;
    if (waitsFor !== undefined) await this.#replaceTurn(rest, signal);
  }

  async #resolve(post: JournalledPost, signal: AbortSignal): Promise<void> {
    const { platform } = this.#ports;
    const sought: Post = {
      turn: this.#turn.id,
      part: post.part,
      covers: this.#covers,
      text: this.#turn.answer ?? platform.limits.placeholder ?? "",
      state: "writing",
      ...(post.again === undefined ? {} : { again: post.again }),
    };
    const id = await platform.findPost(this.#turn.replyTo, sought, post.intendedAtMs, signal);
    if (id !== undefined) await this.#journalPost({ ...post, id }, signal);
  }

  async #deleteFrom(part: number, signal: AbortSignal): Promise<void> {
    for (const post of this.#turn.posts.slice(part).toReversed()) {
      if (post.id === undefined) await this.#resolve(post, signal);
      const id = this.#turn.posts[post.part]?.id;
      if (id !== undefined) {
        await this.#ports.journal.assertCurrent(this.#lease, signal);
        await retry(this.#ports.clock, signal, () =>
          this.#ports.platform.deletePost(this.#turn.replyTo, id, signal),
        );
      }
      this.#shown.delete(post.part);
      await this.#replaceTurn({ ...this.#turn, posts: this.#turn.posts.slice(0, post.part) }, signal);
    }
  }

  async #journalPost(post: JournalledPost, signal: AbortSignal): Promise<void> {
    await this.#replaceTurn({ ...this.#turn, posts: this.#turn.posts.toSpliced(post.part, 1, post) }, signal);
  }

  async #replaceTurn(turn: Turn, signal: AbortSignal): Promise<void> {
    await this.#ports.journal.save(this.#lease, turn, signal);
    this.#turn = turn;
  }
}
