import type { Action } from "./action.ts";
import type { ImageFacts } from "./image.ts";
import type { MessageId, TurnId } from "./message.ts";

/** Something that the bot does before it writes on. `words`: what it looks for in earlier messages. */
export type Step = { readonly kind: "search"; readonly words: string } | { readonly kind: "image" };

/** A file that a post shows beside its text. */
export interface PostFile {
  /** With its extension. Unique within the reply. */
  readonly name: string;
  /** With its charset, if it is text. */
  readonly mediaType: string;
  /** What an image shows, for people who can't see it. Missing: it is no image. */
  readonly description?: string;
  /** Missing: it is no image. */
  readonly image?: ImageFacts;
  /** A text, or bytes that the file store keeps (`StoredFile`). */
  readonly content: string | { readonly hash: string; readonly sizeBytes: number };
}

/** The desired state of one post of a reply. */
export interface Post {
  readonly turn: TurnId;
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** How often a person deleted this post; it is then posted again, as a new post. Missing: never. */
  readonly again?: number;
  /** The messages that the reply answers, oldest first. */
  readonly covers: readonly MessageId[];
  /**
   * Markdown, as a model writes it. At most `limits.postChars` long. Empty only while nothing is written yet, on platforms
   * that show a placeholder or steps then: see PostLimits.
   */
  readonly text: string;
  /** `writing`: the text still grows. `part`: complete, and another post follows. `done`: the last post of a complete reply. */
  readonly state: "writing" | "part" | "done";
  /** What the bot has done since its last words, in order. Only while it writes, and see PostLimits. Missing: nothing. */
  readonly steps?: readonly Step[];
  /** What people can press under it. Missing: nothing. */
  readonly actions?: readonly Action[];
  /** Its files: an edit removes all others. Only complete posts have any. Missing: it has none. */
  readonly files?: readonly PostFile[];
  /** A temporary line in place of the answer. Rate limits treat it as a needed write. Missing: part of a growing answer. */
  readonly isLine?: true;
}
