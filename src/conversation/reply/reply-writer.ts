import type { Action } from "../../domain/action.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import { asFilePost } from "../../domain/file-post.ts";
import type { Post, PostFile, Step } from "../../domain/post.ts";
import type { Lease, Turn, Wait } from "../../domain/turn.ts";
import type { ToolRound } from "../../domain/tool-round.ts";
import type { Finish, Journal } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { retry } from "../async/retry.ts";
import { joinContinuation } from "../text/continue-answer.ts";
import { waitingFor } from "../text/user-messages.ts";
import { answerActions } from "./answer-actions.ts";
import { isAsWanted, type OldReply } from "./old-reply.ts";
import { layOut, layOutUnder } from "./lay-out.ts";
import { refuseFiles, unlessPassing } from "./refuse-files.ts";
import { ReplyFiles } from "./reply-files.ts";
import { ReplyGrowth } from "./reply-growth.ts";
import { ReplyPosts, type PostContent, type PostPorts } from "./reply-posts.ts";
import { RunningTurn } from "./running-turn.ts";

/** What writing a reply needs. */
export interface ReplyPorts extends PostPorts {
  readonly journal: Journal;
  readonly log: Log;
}

/** Writes the reply of one turn: its posts grow while the model writes, and show the complete reply at its end. */
export class ReplyWriter {
  readonly #ports: ReplyPorts;
  readonly #running: RunningTurn;
  readonly #posts: ReplyPosts;
  readonly #growth: ReplyGrowth;
  readonly #files: ReplyFiles;
  readonly #covers: readonly MessageId[];
  /** Without what the reply begins with. */
  #text = "";
  #begins: OldReply | undefined;
  #heading = "";
  /** The end of `open`. */
  #opened: Promise<void> = Promise.resolve();

  constructor(ports: ReplyPorts, lease: Lease, turn: Turn, covers: readonly MessageId[]) {
    this.#ports = ports;
    this.#covers = covers;
    this.#running = new RunningTurn(ports.journal, lease, turn);
    this.#posts = new ReplyPosts(ports, this.#running, covers, () => this.#text);
    this.#files = new ReplyFiles(ports, this.#running);
    this.#growth = new ReplyGrowth(ports, this.#posts, () => this.#opened);
  }

  /** The turn as last saved. */
  get turn(): Turn {
    return this.#running.turn;
  }

  /** The text so far, without what it begins with. */
  get text(): string {
    return this.#text;
  }

  /** Writes over a reply that stands until there is something new. To be called first. */
  writeOver(old: OldReply): void {
    this.#begins = old;
    this.#growth.text = old.beginning;
    for (const [part, content] of old.shown.entries()) this.#posts.assumeShown(part, content);
  }

  /** Shows this above what is written from now on. The complete reply has it by itself. */
  showAbove(heading: string): void {
    this.#heading = heading;
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
    this.#text = text;
    this.#growth.grow(this.#whole(text), signal);
  }

  /** Shows what the bot does before it writes on. Never throws. */
  showStep(step: Step, signal: AbortSignal): void {
    if (this.#isUntouched) return;
    this.#growth.showStep(step, signal);
  }

  /** Shows that the model is loading, until there is text. */
  showLoading(signal: AbortSignal): void {
    if (this.#isUntouched) return;
    this.#growth.showLoading(signal);
  }

  /** Shows a line about an outage in place of the reply, and saves `waitsFor`. @throws {PlatformError} */
  async showWait(wait: Wait, signal: AbortSignal): Promise<void> {
    if (this.turn.waitsFor?.what === wait.what) return;
    await this.#opened;
    await this.#posts.findAll(signal);
    const line = { text: waitingFor(wait), state: "writing", isLine: true } as const;
    await this.#posts.writeWhenAllowed(0, line, "final", signal);
    await this.#posts.deleteFrom(1, signal);
    await this.#running.save({ waitsFor: wait }, signal);
  }

  /** Shows a temporary line under the text so far, with the buttons under it. @throws {PlatformError} */
  async showUnder(
    {
      text,
      line,
      actions,
    }: { readonly text: string; readonly line: string; readonly actions?: Post["actions"] },
    signal: AbortSignal,
  ): Promise<void> {
    await this.settle();
    const whole = this.#whole(text);
    this.#growth.text = whole;
    const texts = layOutUnder(whole, line, this.#posts.limits);
    const last = texts.length - 1;
    const under = { state: "writing", isLine: true, ...(actions === undefined ? {} : { actions }) } as const;
    for (const [part, each] of texts.entries()) {
      if (part === last) await this.#posts.writeWhenAllowed(part, { text: each, ...under }, "final", signal);
      else await this.#writeSurely(part, { text: each, state: "part" }, signal);
    }
    await this.#posts.deleteFrom(texts.length, signal);
    await this.#running.checkWritten(signal);
  }

  /** Saves a change to the turn, after the running write has ended. */
  async saveTurn(
    change: Partial<
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
    >,
    signal: AbortSignal,
  ): Promise<void> {
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
      await this.#writeAll(text, signal);
    } catch (error) {
      // The turn may be finished without its reply, and no note may follow that.
      await this.#running.flush();
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

  /** In posts alone if the platform takes none of its files: the answer is never lost. */
  async #writeAll(text: string, signal: AbortSignal): Promise<void> {
    await this.#untilFree();
    this.#growth.text = text;
    try {
      await this.#writeForm(text, signal);
    } catch (error) {
      if (!(error instanceof PlatformError) || !error.refusesFiles || this.turn.refusesFiles === true)
        throw error;
      // What can't be removed now stays known, and goes with the answer.
      await this.#files.removeAll(signal).catch(unlessPassing);
      // What is complete with files may not be without them.
      const posts = this.turn.posts.map((post) => Object.assign({ ...post }, { isWhole: false }));
      await this.#running.save({ refusesFiles: true, posts }, signal);
      await this.#writeForm(text, signal);
    }
  }

  async #writeForm(text: string, signal: AbortSignal): Promise<void> {
    const { platform } = this.#ports;
    const posts = layOut(text, this.#posts.limits, this.#madeFiles(text));
    const areBeside = platform.sharedFiles !== undefined;
    const files = posts.at(-1)?.files ?? [];
    const first = { text: posts[0]?.text ?? "", state: "part" } as const;
    const writeAlone = () => this.#posts.writeWhenAllowed(0, first, "final", signal);
    const orPosts = (error: unknown) => refuseFiles(this.#ports.log, error, files, writeAlone);
    if (this.turn.refusesFiles !== true) await this.#files.prepare(files, signal).catch(orPosts);
    for (const [part, { text: each }] of posts.entries()) {
      if (text === this.turn.answer && this.turn.posts[part]?.isWhole === true) continue;
      const beside = areBeside || files.length === 0 ? {} : { files };
      const last = { state: "done", actions: this.#actionsUnder(text), ...beside } as const;
      const as = part === posts.length - 1 ? last : ({ state: "part" } as const);
      const writing = this.#writeSurely(part, { text: each, ...as }, signal);
      await (as === last && !areBeside ? writing.catch(orPosts) : writing).catch((error: unknown) =>
        this.#noteWhole(part, error, signal),
      );
    }
    const showing = this.#files.show(signal).catch(orPosts);
    await showing.catch((error: unknown) => this.#noteWhole(posts.length, error, signal));
    await this.#posts.deleteFrom(posts.length, signal);
  }

  /** Those of the answer: a line in its place has none. */
  #madeFiles(text: string): readonly PostFile[] {
    const { answer, answerRole, files = [], refusesFiles } = this.turn;
    const isAnswer = text === answer && answerRole !== "notice";
    return isAnswer && refusesFiles !== true ? files : [];
  }

  /** What does not answer in the name of the turn is a notice: an apology, for example. */
  #actionsUnder(text: string): readonly Action[] {
    const { id, restored, answer, answerRole = "bot" } = this.turn;
    const turnId = restored?.turn ?? id;
    const role = text === answer ? answerRole : "notice";
    return answerActions(this.#ports.commands, { role, text, turnId, answers: this.#covers });
  }

  /** Ends the turn: see Journal. @throws {StaleLeaseError}, {StoreError} */
  finish(finish: Finish, signal: AbortSignal): Promise<void> {
    return this.#running.finish(finish, signal);
  }

  /** Marks complete posts before a wait for the rate limit, so that they are not written again. @throws the error. */
  async #noteWhole(parts: number, error: unknown, signal: AbortSignal): Promise<never> {
    if (parts > 0 && error instanceof PlatformError && error.kind === "rate-limited")
      await this.#running.saveWhole(parts, signal);
    throw error;
  }

  /** Deletes all posts of the reply. @throws {PlatformError} */
  async deleteAll(signal: AbortSignal): Promise<void> {
    await this.#growth.end();
    await this.#files.removeAll(signal);
    await this.#posts.deleteFrom(0, signal);
  }

  #whole(text: string): string {
    return this.#begins === undefined
      ? this.#heading + text
      : joinContinuation(this.#begins.beginning, this.#heading + text);
  }

  /** The old reply is not overwritten before there are words. */
  get #isUntouched(): boolean {
    return this.#begins !== undefined && this.#text === "";
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

  async #writeSurely(part: number, wanted: PostContent, signal: AbortSignal): Promise<void> {
    const shown = this.#posts.shown.get(part);
    // Nothing else tells a complete part from one that grows.
    const isSameAsPart = this.#ports.platform.limits.carriesStop !== true;
    if (shown !== undefined && isAsWanted(shown, wanted, isSameAsPart)) return;
    await retry(this.#ports.clock, signal, () => this.#posts.writeWhenAllowed(part, wanted, "final", signal));
  }
}
