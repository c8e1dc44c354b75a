import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { filesOnly, postsOnly } from "../../domain/file-post.ts";
import { saidIn } from "../../domain/file-texts.ts";
import { imagesOf } from "../../domain/made-image.ts";
import type { Platform } from "../../ports/platform.ts";
import { layOut } from "./lay-out.ts";

/** How a finished reply is laid out with its files. Undefined: otherwise, such as where the platform took none of them. */
export function laidOutOf(
  reply: RememberedMessage,
  { limits, sharedFiles }: Pick<Platform, "limits" | "sharedFiles">,
): ReturnType<typeof layOut> | undefined {
  const posts = layOut(saidIn(reply), limits, imagesOf(reply));
  const ids = reply.posts ?? [];
  const beside = sharedFiles === undefined ? [] : (posts.at(-1)?.files ?? []);
  const isSo = posts.length === postsOnly(ids).length && beside.length === filesOnly(ids).length;
  return isSo ? posts : undefined;
}
