import type { PostId } from "../../../src/domain/message.ts";
import type { Post } from "../../../src/domain/post.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { PlannedWrite } from "../../../src/ports/platform-posts.ts";
import type { Platform } from "../../../src/ports/platform.ts";

interface Planned {
  readonly to: ReplyAddress;
  readonly post: Post;
  readonly kind: PlannedWrite["kind"];
}

/** Creates a post when the platform's rate plan allows it. */
export async function createPlanned(
  platform: Platform,
  { to, post, kind }: Planned,
  signal: AbortSignal,
): Promise<PostId> {
  await platform.whenWritable(to, { turn: post.turn, part: post.part, kind }, signal);
  return platform.createPost(to, post, signal);
}

/** Edits a post when the platform's rate plan allows it. */
export async function editPlanned(
  platform: Platform,
  { to, post, kind, id }: Planned & { readonly id: PostId },
  signal: AbortSignal,
): Promise<void> {
  await platform.whenWritable(to, { turn: post.turn, part: post.part, kind, id }, signal);
  await platform.editPost(to, id, post, signal);
}
