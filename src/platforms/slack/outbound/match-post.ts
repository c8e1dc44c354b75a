import type { Post } from "../../../ports/platform.ts";
import type { PostMark } from "../wire/post-metadata.ts";

/** A message that our account wrote. */
export interface OwnPost {
  readonly channel: string;
  readonly threadTs: string;
  readonly ts: string;
  /** Missing where its metadata was not shown to us. */
  readonly mark?: PostMark;
}

/** The `ts` of the post that says of itself that it is this one. */
export function markedPost(
  posts: readonly OwnPost[],
  { turn, part }: Pick<Post, "turn" | "part">,
): string | undefined {
  const same = posts.filter(({ mark }) => mark?.turn === turn);
  const named = same.find(({ mark }) => mark?.part === part);
  if (named !== undefined) return named.ts;
  const last = Math.max(-1, ...same.map(({ mark }) => mark?.part ?? -1)) + 1;
  return part === last ? same.find(({ mark }) => mark?.part === undefined)?.ts : undefined;
}

/**
 * The `ts` of the newest post of a thread, if its metadata is hidden from us and it can only be this one: newer than the intent,
 * and with as many posts before it as the reply has. No allowance is made for clocks that differ: to take another
 * post for this one would overwrite an answer, to miss it doubles a placeholder.
 */
export function unmarkedPost(
  posts: readonly OwnPost[],
  { turn, part, covers }: Pick<Post, "turn" | "part" | "covers">,
  sinceMs: number,
): string | undefined {
  const askedTs = Math.max(...covers.map(Number));
  const since = posts
    .filter(({ ts, mark }) => Number(ts) > askedTs && (mark === undefined || mark.turn === turn))
    .toSorted((one, other) => Number(one.ts) - Number(other.ts));
  const newest = since.at(-1);
  if (newest === undefined || newest.mark !== undefined || since.length <= part) return undefined;
  return Number(newest.ts) * 1_000 > sinceMs ? newest.ts : undefined;
}

/** What two sources know of the same posts. */
export function together(some: readonly OwnPost[], others: readonly OwnPost[]): readonly OwnPost[] {
  const byTs = new Map(some.map((post) => [post.ts, post]));
  for (const post of others) byTs.set(post.ts, merged(byTs.get(post.ts), post));
  return [...byTs.values()];
}

/** What was known of a post stays known: its last version no longer names its part. */
export function merged(known: OwnPost | undefined, heard: OwnPost): OwnPost {
  const mark = known?.mark?.part === undefined ? (heard.mark ?? known?.mark) : known.mark;
  return mark === undefined ? heard : { ...heard, mark };
}
