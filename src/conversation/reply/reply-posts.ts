import type { MessageId, PostId } from "../../domain/message.ts";
import type { Post } from "../../domain/post.ts";
import type { JournalledPost } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { PlannedWrite, PostLimits } from "../../ports/platform-posts.ts";
import type { Platform } from "../../ports/platform.ts";
import { retry } from "../async/retry.ts";
import type { KnownCommands } from "./answer-actions.ts";
import { deleteStrays } from "./delete-strays.ts";
import { layOut } from "./lay-out.ts";
import { repairPost } from "./repair-post.ts";
import type { RunningTurn } from "./running-turn.ts";
import { stopAction } from "./stop-action.ts";

/** What writing posts needs. */
export interface PostPorts {
  readonly commands: KnownCommands;
  readonly memories: Memory;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a post shows. */
export type PostContent = Pick<Post, "text" | "state" | "isLine" | "steps" | "actions" | "files">;

/** Longer than a repair waits for the other process. */
const repairMs = 30_000;
/** How often a deleted post is posted again. After that, the person clearly wants it gone. */
const maxReposts = 3;

/** The posts of one reply. Each is journalled before and after its creation, so that a take-over finds all of them. */
export class ReplyPosts {
  readonly #ports: PostPorts;
  readonly #running: RunningTurn;
  readonly #covers: readonly MessageId[];
  readonly #draft: () => string;
  readonly #shown = new Map<number, PostContent>();

  /** `draft`: the text so far. Empty: what is shown is no text of the reply. */
  constructor(ports: PostPorts, running: RunningTurn, covers: readonly MessageId[], draft: () => string) {
    this.#ports = ports;
    this.#running = running;
    this.#covers = covers;
    this.#draft = draft;
    running.onLost((part, id) => this.#repair(part, id));
    const sinceMs = ports.clock.nowMs();
    running.onTaken((turn, made) => void deleteStrays(ports, { turn, made, covers, sinceMs }));
  }

  /** Those of the platform, as far as it takes files of this reply. */
  get limits(): PostLimits {
    const { limits } = this.#ports.platform;
    if (this.#running.turn.refusesFiles !== true) return limits;
    const { codeChars: _, maxPosts: _maxPosts, ...rest } = limits;
    return rest;
  }

  /** What each post shows now, as far as this process knows. */
  get shown(): ReadonlyMap<number, PostContent> {
    return this.#shown;
  }

  /** A post of an older reply shows this. */
  assumeShown(part: number, content: PostContent): void {
    this.#shown.set(part, content);
  }

  /** Finds the posts that an earlier attempt may have created. @throws {PlatformError} */
  async findAll(signal: AbortSignal): Promise<void> {
    for (const post of this.#running.turn.posts) {
      if (post.id === undefined) await this.#find(post, signal);
    }
  }

  /** Resolves when the platform lets a post be written. @throws {PlatformError} */
  async whenWritable(part: number, kind: PlannedWrite["kind"], signal: AbortSignal): Promise<void> {
    const intended = this.#running.turn.posts[part];
    // A create without an answer may have taken effect.
    if (intended !== undefined && intended.id === undefined) await this.#find(intended, signal);
    const { id: turn, posts, replyTo } = this.#running.turn;
    const id = posts[part]?.id;
    const write = { turn, part, kind, ...(id === undefined ? {} : { id }) };
    await this.#ports.platform.whenWritable(replyTo, write, signal);
  }

  /** @throws {PlatformError} */
  async writeWhenAllowed(
    part: number,
    content: PostContent,
    kind: PlannedWrite["kind"],
    signal: AbortSignal,
  ): Promise<void> {
    await this.whenWritable(part, kind, signal);
    await this.write(part, content, signal);
  }

  /** Creates or edits a post, after `whenWritable`. `onIntended`: the journal knows that it will be created. @throws {PlatformError} */
  async write(
    part: number,
    wanted: PostContent,
    signal: AbortSignal,
    onIntended?: () => void,
  ): Promise<void> {
    const running = this.#running;
    await running.endWait(signal);
    const draft = this.#draft();
    const existing = running.turn.posts[part];
    const again = existing?.again === undefined ? {} : { again: existing.again };
    const common = { turn: running.turn.id, part, covers: this.#covers };
    const post: Post = { ...wanted, ...common, ...this.#stopOf(wanted), ...again };
    if (existing?.id !== undefined) {
      await running.assertRecent(signal);
      const isThere = await this.#editOrMiss(existing.id, post, signal);
      if (!isThere) {
        await this.whenWritable(part, "final", signal);
        return this.write(part, wanted, signal);
      }
      running.wrote(part, existing.id);
      // Nothing else may follow a growing post for minutes.
      running.noteDraft(draft);
      if (wanted.state === "writing") await running.checkGrowth(signal);
    } else {
      const intendedAtMs = existing?.intendedAtMs ?? this.#ports.clock.nowMs();
      await running.savePost({ part, intendedAtMs, ...again }, signal);
      onIntended?.();
      const id = await this.#createOrNote(post, signal);
      running.wrote(part, id);
      running.noteDraft(draft);
      // A crash before the save is like one before the answer of the platform: a take-over finds the post.
      running.notePost({ part, intendedAtMs, id, ...again });
    }
    this.#shown.set(part, wanted);
  }

  /** A temporary line may have buttons of its own. */
  #stopOf({ state, actions }: PostContent): Pick<Post, "actions"> {
    const isOurs = state === "writing" && actions === undefined;
    if (!isOurs || this.#ports.platform.limits.carriesStop !== true) return {};
    return { actions: [stopAction(this.#running.turn.id)] };
  }

  /** Deletes a post and all after it. @throws {PlatformError} */
  async deleteFrom(part: number, signal: AbortSignal): Promise<void> {
    const { platform, clock } = this.#ports;
    const running = this.#running;
    for (const post of running.turn.posts.slice(part).toReversed()) {
      if (post.id === undefined) await this.#find(post, signal);
      const id = running.turn.posts[post.part]?.id;
      if (id !== undefined) {
        await running.assertCurrent(signal);
        await retry(clock, signal, () => platform.deletePost(running.turn.replyTo, id, signal));
      }
      this.#shown.delete(post.part);
      await running.dropPostsFrom(post.part, signal);
    }
  }

  /** Edits a post. False: a person deleted it, and its part has to be posted again. @throws {PlatformError} */
  async #editOrMiss(id: PostId, post: Post, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ports.platform.editPost(this.#running.turn.replyTo, id, post, signal);
      return true;
    } catch (error) {
      const isGone = error instanceof PlatformError && error.kind === "gone";
      const { part, again = 0 } = post;
      // It may have taken effect.
      if (!isGone) this.#running.wrote(part, id);
      if (!isGone || again === maxReposts) throw error;
      const intendedAtMs = this.#ports.clock.nowMs();
      await this.#running.savePost({ part, intendedAtMs, again: again + 1 }, signal);
      return false;
    }
  }

  /** Creates a post. After a rate limit its intent is removed: it was not created, and searching would cost calls. */
  async #createOrNote(post: Post, signal: AbortSignal): Promise<PostId> {
    try {
      return await this.#ports.platform.createPost(this.#running.turn.replyTo, post, signal);
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited")
        await this.#running.dropPostsFrom(post.part, signal);
      throw error;
    }
  }

  /** A process that was frozen before a write may have overwritten a finished reply. */
  async #repair(part: number, id: PostId): Promise<void> {
    const { turn } = this.#running;
    const posts = turn.posts.toSpliced(part, 1, { part, intendedAtMs: 0, id });
    await repairPost(this.#ports, { turn: { ...turn, posts }, part, id }, AbortSignal.timeout(repairMs));
  }

  /** An answer, and what its posts show in place of its files: a platform may look for a post by its text. */
  #everyText(answer: string): string {
    const posts = layOut(answer, this.limits);
    return posts.some(({ files }) => files !== undefined)
      ? [answer, ...posts.map(({ text }) => text)].join("\n")
      : answer;
  }

  async #find(post: JournalledPost, signal: AbortSignal): Promise<void> {
    const { platform } = this.#ports;
    const { turn } = this.#running;
    const sought: Post = {
      turn: turn.id,
      part: post.part,
      covers: this.#covers,
      text: this.#everyText(turn.answer ?? ""),
      state: "writing",
      ...(post.again === undefined ? {} : { again: post.again }),
    };
    const id = await platform.findPost?.(turn.replyTo, sought, post.intendedAtMs, signal);
    if (id !== undefined) await this.#running.savePost({ ...post, id }, signal);
  }
}
