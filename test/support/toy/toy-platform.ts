import type { PostId } from "../../../src/domain/message.ts";
import type { Post } from "../../../src/domain/post.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Accept } from "../../../src/ports/accept.ts";
import type { Platform } from "../../../src/ports/platform.ts";

const never = new AbortController().signal;

/** The smallest platform: a wall with notes. It has what `Platform` requires, and nothing else. */
export class ToyPlatform implements Platform {
  readonly name = "toy";
  readonly limits = { postChars: 200 };
  /** Every text that a note had, by the note's id. */
  readonly notes = new Map<PostId, string[]>();
  /** What single persons were told. */
  readonly whispers: { readonly person: string; readonly text: string }[] = [];
  #accept: Accept | undefined;

  /** A platform opens after the core. */
  open(accept: Accept): void {
    this.#accept = accept;
  }

  get wall(): readonly string[] {
    return [...this.notes.values()].flatMap((texts) => texts.at(-1) ?? []);
  }

  /** A person pins a note with a question to the wall. */
  async ask(note: string, person: string, text: string): Promise<void> {
    await this.#accept?.(
      {
        ...here,
        kind: "said",
        dedupeId: `toy:${note}`,
        addressing: "direct",
        message: {
          id: note,
          text,
          author: { id: person, name: person },
          saidAtMs: Date.now(),
          attachments: [],
        },
        replyTo: { platform: "toy", target: { person } },
      },
      never,
    );
  }

  /** A person takes a note off the wall. */
  async remove(note: string): Promise<void> {
    await this.#accept?.({ ...here, kind: "deleted", dedupeId: `toy:removed:${note}`, message: note }, never);
  }

  readonly whenWritable = async (): Promise<void> => undefined;

  readonly createPost = async (_to: ReplyAddress, post: Post): Promise<PostId> => {
    const id = `${post.turn}/${post.part}`;
    this.notes.set(id, [post.text]);
    return id;
  };

  readonly editPost = async (_to: ReplyAddress, id: PostId, post: Post): Promise<void> => {
    this.notes.get(id)?.push(post.text);
  };

  readonly deletePost = async (_to: ReplyAddress, id: PostId): Promise<void> => {
    this.notes.delete(id);
  };

  readonly sendPrivately = async (to: ReplyAddress, texts: readonly string[]): Promise<void> => {
    for (const text of texts) this.whispers.push({ person: to.target["person"] ?? "", text });
  };
}

const here = { conversation: "toy:wall", platform: "toy", place: "wall" } as const;
