import type { Clock } from "../../ports/clock.ts";
import type { Platform } from "../../ports/platform.ts";
import { retry } from "../async/retry.ts";
import { isAsWanted } from "./old-reply.ts";
import type { PostContent, ReplyPosts } from "./reply-posts.ts";

/** Writes a post in its final form, with retries, unless it shows that already. @throws {PlatformError} */
export async function writeUnlessShown(
  { platform, clock }: { readonly platform: Platform; readonly clock: Clock },
  posts: ReplyPosts,
  { part, content }: { readonly part: number; readonly content: PostContent },
  signal: AbortSignal,
): Promise<void> {
  const shown = posts.shown.get(part);
  // Nothing else tells a complete part from one that grows.
  const isSameAsPart = platform.limits.carriesStop !== true;
  if (shown !== undefined && isAsWanted(shown, content, isSameAsPart)) return;
  await retry(clock, signal, () => posts.writeWhenAllowed(part, content, "final", signal));
}
