import type { PostId } from "./message.ts";

const mark = "file:";

/** Among the posts of a reply: a file that stands beside them. `id`: see SharedFiles. */
export function asFilePost(id: PostId): PostId {
  return mark + id;
}

/** The id of a file that stands beside the posts of a reply. Undefined: it is a post. */
export function fileOfPost(post: PostId): PostId | undefined {
  return post.startsWith(mark) ? post.slice(mark.length) : undefined;
}

/** The posts of a reply without the files beside them. */
export function postsOnly(posts: readonly PostId[]): readonly PostId[] {
  return posts.filter((post) => fileOfPost(post) === undefined);
}

/** The files beside the posts of a reply, by their ids. */
export function filesOnly(posts: readonly PostId[]): readonly PostId[] {
  return posts.flatMap((post) => fileOfPost(post) ?? []);
}
