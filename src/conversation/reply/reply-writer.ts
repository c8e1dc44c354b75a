import type { MessageId, PostId } from "../../domain/message.ts";
import { asFilePost } from "../../domain/file-post.ts";
import type { Step } from "../../domain/post.ts";
import type { Lease, Turn, Wait } from "../../domain/turn.ts";
import type { ToolRound } from "../../domain/tool-round.ts";
import type { Finish, Journal } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import { CompleteReply } from "./complete-reply.ts";
import type { OldReply } from "./old-reply.ts";
import { ReplyFiles } from "./reply-files.ts";
import { ReplyGrowth } from "./reply-growth.ts";
import { ReplyPosts, type PostPorts } from "./reply-posts.ts";
import { ReplyText } from "./reply-text.ts";
import { RunningTurn } from "./running-turn.ts";
import { TemporaryLines, type LineUnder } from "./temporary-lines.ts";

/** What writing a reply needs. */
export interface ReplyPorts extends PostPorts {
  readonly journal: Journal;
  readonly log: Log;
}

/** What may change of a turn while its reply is written. */
export type TurnChange = Partial<
  Pick<
    Turn,
    | "answer"
    | "answerRole"
    | "restored"
    | "draft"
    | "files"
    | "sources"
    | "account"
    | "told"
    | "rounds"
    | "request"
  >
>;

/** Writes the reply of one turn: its posts grow while the model writes, and show the complete reply at its end. */
export class ReplyWriter {
  readonly #ports: ReplyPorts;
  readonly #running: RunningTurn;
  readonly #posts: ReplyPosts;
  readonly #growth: ReplyGrowth;
  readonly #files: ReplyFiles;
  readonly #complete: CompleteReply;
  readonly #lines: TemporaryLines;
  readonly #text = new ReplyText();
  /** The end of `open`. */
  #opened: Promise<void> = Promise.resolve();

  constructor(ports: ReplyPorts, lease: Lease, turn: Turn, covers: readonly MessageId[]) {
    this.#ports = ports;
    this.#running = new RunningTurn(ports, lease, turn);
    this.#posts = new ReplyPosts(ports, this.#running, covers, () => this.#text.words);
    this.#files = new ReplyFiles(ports, this.#running);
    this.#growth = new ReplyGrowth(ports, this.#posts, () => this.#opened);
    this.#lines = new TemporaryLines(ports, this.#posts);
    const parts = { running: this.#running, posts: this.#posts, files: this.#files, covers };
    this.#complete = new CompleteReply(ports, parts);
  }

  /** The turn as last saved. */
  get turn(): Turn {
    return this.#running.turn;
  }

  /** The text so far, without what it begins with. */
  get text(): string {
    return this.#text.words;
  }

  /** Writes over a reply that stands until there is something new. To be called first. */
  writeOver(old: OldReply): void {
    this.#text.writeOver(old.beginning);
    this.#growth.text = old.beginning;
    for (const [part, content] of old.shown.entries()) this.#posts.assumeShown(part, content);
  }

  /** Shows this above what is written from now on. The complete reply has it by itself. */
  showAbove(heading: string): void {
    this.#text.heading = heading;
  }

  /**
   * Finds the posts of an earlier attempt, and creates the first post early if the platform has a placeholder for it. That one
   * is only begun: it is in the journal, and whatever the reply saves or shows waits for it. @throws {PlatformError}, as `opened`
   */
  async open(signal: AbortSignal): Promise<void> {
    await this.#posts.findAll(signal);
    if (this.turn.posts.length > 0 || this.#ports.platform.limits.hasPlaceholder !== true) return;
    const { promise: intended, resolve } = Promise.withResolvers<void>();
    const placeholder = { text: "", state: "writing" } as const;
    await this.#posts.whenWritable(0, "first", signal);
    this.#opened = this.#posts.write(0, placeholder, signal, resolve);
    await Promise.race([intended, this.#opened]);
  }

  /** Resolves when the post that `open` began is there. @throws {PlatformError} */
  get opened(): Promise<void> {
    return this.#opened;
  }

  /** Shows the text so far. Never throws. */
  grow(text: string, signal: AbortSignal): void {
    this.#text.words = text;
    this.#growth.grow(this.#text.whole(text), signal);
  }

  /** Shows what the bot does before it writes on. Never throws. */
  showStep(step: Step, signal: AbortSignal): void {
    if (this.#text.isUntouched) return;
    this.#growth.showStep(step, signal);
  }

  /** Shows that the model is loading, until there is text. */
  showLoading(signal: AbortSignal): void {
    if (this.#text.isUntouched) return;
    this.#growth.showLoading(signal);
  }

  /** Shows a line about an outage in place of the reply, and saves `waitsFor`. @throws {PlatformError} */
  async showWait(wait: Wait, signal: AbortSignal): Promise<void> {
    if (this.turn.waitsFor?.what === wait.what) return;
    await this.#opened;
    await this.#lines.showWait(wait, signal);
    await this.#running.save({ waitsFor: wait }, signal);
  }

  /** Shows a temporary line under the text so far, with the buttons under it. @throws {PlatformError} */
  async showUnder(under: LineUnder, signal: AbortSignal): Promise<void> {
    await this.settle();
    const text = this.#text.whole(under.text);
    this.#growth.text = text;
    await this.#lines.showUnder({ ...under, text }, signal);
    await this.#running.checkWritten(signal);
  }

  /** Saves a change to the turn, after the running write has ended. */
  async saveTurn(change: TurnChange, signal: AbortSignal): Promise<void> {
    await this.#untilFree();
    await this.#running.save(change, signal);
  }

  /** Saves the rounds of tool calls so far, and goes on to show what there is so far. */
  async saveRounds(rounds: readonly ToolRound[], signal: AbortSignal): Promise<void> {
    await this.#untilFree();
    await this.#running.save({ rounds }, signal);
    this.#growth.showMore(signal);
  }

  /**
   * Writes the complete reply and returns its posts. Deletes surplus posts of an earlier attempt. `finishes`: its `finish`
   * follows at once, and checks the lease. @throws {PlatformError}, {StaleLeaseError}
   */
  async close(text: string, signal: AbortSignal, { finishes = false } = {}): Promise<readonly PostId[]> {
    try {
      await this.#untilFree();
      this.#growth.text = text;
      await this.#complete.write(text, signal);
    } catch (error) {
      // The turn may be finished without its reply, and no note may follow that.
      await this.#running.flush();
      void this.#running.checkLater();
      throw error;
    }
    if (!finishes) await this.#running.checkWritten(signal);
    return this.posts;
  }

  /** The posts so far, and the files beside them. */
  get posts(): readonly PostId[] {
    const { posts, sharedFiles = [] } = this.turn;
    return [...posts.flatMap((post) => post.id ?? []), ...sharedFiles.map(asFilePost)];
  }

  /** Ends the turn: see Journal. @throws {StaleLeaseError}, {StoreError} */
  finish(finish: Finish, signal: AbortSignal): Promise<void> {
    return this.#running.finish(finish, signal);
  }

  /** Deletes all posts of the reply. @throws {PlatformError} */
  async deleteAll(signal: AbortSignal): Promise<void> {
    await this.#growth.end();
    await this.#files.removeAll(signal);
    await this.#posts.deleteFrom(0, signal);
  }

  /** Waits until no write is running and the journal has everything. Never rejects; the error of `open` is forgotten. */
  async settle(): Promise<void> {
    await this.#growth.end();
    this.#opened = Promise.resolve();
    await this.#running.flush();
  }

  /** @throws {PlatformError} of `open` */
  async #untilFree(): Promise<void> {
    await this.#growth.end();
    await this.#opened;
  }

  /** @throws {StaleLeaseError} if a growing write found that another process claimed the conversation. */
  throwIfLost(): void {
    this.#growth.throwIfLost();
  }
}
