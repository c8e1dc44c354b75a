import { isOrdered } from "../../../domain/ordered-message.ts";
import type { Post } from "../../../domain/post.ts";
import type { PostMark } from "../wire/post-metadata.ts";

/** A message that our bot account wrote. */
export interface OwnPost {
  readonly channel: string;
  readonly threadTs: string;
  readonly ts: string;
  /** Missing where Slack left the metadata out. */
  readonly mark?: PostMark;
}

/** The `ts` of the post whose metadata names this turn and part. */
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
 * The `ts` of the newest post of a thread, if it has no metadata and can only be this post: it is newer than the intent,
 * and as many posts come before it as the reply has parts before this one. Clock skew is not tolerated here: a wrong match
 * would overwrite an answer, a missed one only repeats a placeholder.
 */
export function unmarkedPost(
  posts: readonly OwnPost[],
  { turn, part, covers }: Pick<Post, "turn" | "part" | "covers">,
  sinceMs: number,
): string | undefined {
  const askedTs = newestAsked(covers, sinceMs);
  const since = posts
    .filter(({ ts, mark }) => Number(ts) > askedTs && (mark === undefined || mark.turn === turn))
    .toSorted((one, other) => Number(one.ts) - Number(other.ts));
  const newest = since.at(-1);
  if (newest === undefined || newest.mark !== undefined || since.length <= part) return undefined;
  return Number(newest.ts) * 1_000 > sinceMs ? newest.ts : undefined;
}

/**
 * The `ts` of the newest question at the intent. 0: there is none. A turn that begins again also covers what was asked after the
 * post.
 */
function newestAsked(covers: Post["covers"], sinceMs: number): number {
  // A question that was given as a command is no message.
  const asked = covers.filter((id) => !isOrdered(id)).map(Number);
  const before = asked.filter((ts) => ts * 1_000 <= sinceMs);
  // Where our clock is slow, the first one all the same.
  if (before.length > 0) return Math.max(...before);
  return asked.length > 0 ? Math.min(...asked) : 0;
}

/** Merges two lists of posts by their `ts`. */
export function mergePosts(some: readonly OwnPost[], others: readonly OwnPost[]): readonly OwnPost[] {
  const byTs = new Map(some.map((post) => [post.ts, post]));
  for (const post of others) byTs.set(post.ts, mergePost(byTs.get(post.ts), post));
  return [...byTs.values()];
}

/** Keeps the known part: the finished version of a post no longer names it. */
export function mergePost(known: OwnPost | undefined, received: OwnPost): OwnPost {
  const mark = known?.mark?.part === undefined ? (received.mark ?? known?.mark) : known.mark;
  return mark === undefined ? received : { ...received, mark };
}
