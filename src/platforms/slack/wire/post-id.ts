import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { PostId } from "../../../domain/message.ts";

/** A PostId is `<channel>/<ts>`, all that Slack needs to change or delete a post. */
export function postIdOf(channel: string, ts: string): PostId {
  return `${channel}/${ts}`;
}

/** @throws {PlatformError} when neither the id nor the address names the channel. */
export function placeOfPost(
  id: PostId,
  { target }: ReplyAddress,
): { readonly channel: string; readonly ts: string; readonly threadTs: string } {
  const slash = id.indexOf("/");
  const ts = id.slice(slash + 1);
  // Earlier versions stored the bare `ts`.
  const channel = slash < 0 ? target["channel"] : id.slice(0, slash);
  if (channel === undefined) throw new PlatformError("rejected", "The id of a Slack post names no channel");
  return { channel, ts, threadTs: target["threadTs"] ?? ts };
}
