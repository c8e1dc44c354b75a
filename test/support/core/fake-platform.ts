import { isDeepStrictEqual } from "node:util";

import type { Offer } from "../../../src/domain/offer.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import type { Post, PostFile } from "../../../src/domain/post.ts";
import type { SharedFiles } from "../../../src/ports/shared-files.ts";
import type { PostLimits } from "../../../src/ports/platform-posts.ts";
import type { PostId } from "../../../src/domain/message.ts";

export interface FakeLimits extends Partial<PostLimits> {
  /** The pause before each write of a growing post. */
  readonly growthMs?: number;
  /** Its files stand beside the posts. Missing: a post carries them. */
  readonly sharesFiles?: true;
  /** What a post without text shows. Missing: the platform has no placeholder. */
  readonly placeholder?: string;
}

/** A platform that keeps its posts in an array. */
export class FakePlatform implements Platform {
  readonly name = "fake";
  readonly limits: PostLimits;
  readonly quotes = true;
  /** See Platform: set where a test plays our own page. */
  isOurPage?: true;
  /** Every post ever made, in order, including deleted ones. */
  readonly posts: { id: PostId; post: Post; isDeleted: boolean; edits: number }[] = [];
  /** Files beside the posts, by what became of them, in the order of their ids. */
  readonly files: { id: PostId; file: PostFile; state: "reserved" | "shown" | "removed" }[] = [];
  readonly sharedFiles?: SharedFiles;
  /** Called before a file is reserved, shown or removed; may throw. */
  beforeFiles: (what: "reserve" | "show" | "remove") => void = () => undefined;
  readonly told: string[] = [];
  /** Buttons offered under private replies. */
  readonly offers: Offer[] = [];
  readonly finished: string[] = [];
  /** Called before anything is done; may throw or wait. */
  before: (what: "create" | "edit" | "delete" | "tell", post?: Post) => Promise<void> | void = () =>
    undefined;
  /** Called after a create took place: throw here to lose its answer. */
  afterCreate: (post: Post) => void = () => undefined;

  readonly #growthMs: number;
  readonly #placeholder: string | undefined;

  constructor({ growthMs = 1, placeholder, sharesFiles, ...limits }: FakeLimits = {}) {
    if (sharesFiles === true) this.sharedFiles = this.#filesBeside();
    this.limits = {
      postChars: 1_000,
      ...(placeholder === undefined ? {} : { hasPlaceholder: true }),
      ...limits,
    };
    this.#growthMs = growthMs;
    this.#placeholder = placeholder;
  }

  /** A place such as `T2:room` names it. */
  readonly installationOf = (place: string): string | undefined =>
    place.includes(":") ? place.slice(0, place.indexOf(":")) : undefined;

  get shown(): readonly string[] {
    return this.posts.filter(({ isDeleted }) => !isDeleted).map(({ post }) => post.text);
  }

  /** See Platform: set where a test plays a process that lost its posts. */
  showsReply?: (to: ReplyAddress, last: PostId) => boolean;

  readonly whenWritable: Platform["whenWritable"] = async (_to, { kind, id }, signal) => {
    const isPlaceholder = this.limits.hasPlaceholder === true && id === undefined;
    if (kind !== "final" && !isPlaceholder) await systemClock.sleep(this.#growthMs, signal);
  };

  readonly createPost = async (_to: ReplyAddress, post: Post): Promise<PostId> => {
    await this.before("create", post);
    const id = `room/post-${this.posts.length + 1}`;
    this.posts.push({ id, post: this.#rendered(post), isDeleted: false, edits: 0 });
    this.afterCreate(post);
    return id;
  };

  readonly editPost = async (_to: ReplyAddress, id: PostId, post: Post): Promise<void> => {
    await this.before("edit", post);
    const found = this.posts.find((each) => each.id === id && !each.isDeleted);
    if (found === undefined) throw new PlatformError("gone", "No such post");
    found.post = this.#rendered(post);
    found.edits += 1;
  };

  readonly deletePost = async (_to: ReplyAddress, id: PostId): Promise<void> => {
    await this.before("delete");
    const found = this.posts.find((each) => each.id === id);
    if (found !== undefined) found.isDeleted = true;
  };

  readonly permalinkOf = (_conversation: string, post: PostId): string => `https://fake.test/${post}`;

  readonly findPost = async (_to: ReplyAddress, post: Post): Promise<PostId | undefined> =>
    this.posts.find((each) => !each.isDeleted && each.post.turn === post.turn && each.post.part === post.part)
      ?.id;

  readonly sendPrivately = async (
    _to: ReplyAddress,
    texts: readonly string[],
    _signal?: AbortSignal,
    offer?: Offer,
  ): Promise<void> => {
    await this.before("tell");
    this.told.push(...texts.slice(0, -1), [texts.at(-1) ?? "", offer?.orElse ?? []].flat().join(" "));
    if (offer !== undefined) this.offers.push(offer);
  };

  /** Files that people see: those of posts, and those beside them. */
  get shownFiles(): readonly PostFile[] {
    const shown = this.posts.filter(({ isDeleted }) => !isDeleted).flatMap(({ post }) => post.files ?? []);
    return [...shown, ...this.files.filter(({ state }) => state === "shown").map(({ file }) => file)];
  }

  #filesBeside(): SharedFiles {
    const get = (id: PostId) => this.files.find((each) => each.id === id);
    const set = (id: PostId, state: "shown" | "removed"): void => {
      const found = get(id);
      if (found === undefined || (state === "shown" && found.state !== "reserved"))
        throw new PlatformError("rejected", "No such file", { refusesFiles: true });
      found.state = state;
    };
    return {
      reserve: async (_to, file) => {
        this.beforeFiles("reserve");
        const id = `room/file-${this.files.length + 1}`;
        this.files.push({ id, file, state: "reserved" });
        return id;
      },
      isFor: (id, file) => isDeepStrictEqual(get(id)?.file, file),
      show: async (_to, files) => {
        this.beforeFiles("show");
        for (const { id } of files) set(id, "shown");
      },
      isShown: async (_to, id) => get(id)?.state === "shown",
      remove: async (_to, id) => {
        this.beforeFiles("remove");
        set(id, "removed");
      },
    };
  }

  #rendered(post: Post): Post {
    return post.text === "" ? { ...post, text: this.#placeholder ?? "" } : post;
  }

  readonly turnFinished = (_to: ReplyAddress, reply: { readonly text: string }): void => {
    this.finished.push(reply.text);
  };
}
