import type { PostId } from "../../domain/message.ts";
import type { Post } from "../../domain/post.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Platform } from "../../ports/platform.ts";

/** Edits a post of an earlier reply, when the platform's rate plan allows it. @throws {PlatformError} */
export async function overwritePost(
  platform: Platform,
  to: ReplyAddress,
  { id, post }: { readonly id: PostId; readonly post: Post },
  signal: AbortSignal,
): Promise<void> {
  await platform.whenWritable(to, { turn: post.turn, part: post.part, id, kind: "final" }, signal);
  await platform.editPost(to, id, post, signal);
}
