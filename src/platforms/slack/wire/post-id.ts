import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { PostId } from "../../../domain/message.ts";

/** A PostId is `<installation>/<channel>/<ts>`: all that is needed to change or delete a post, the choice of the token too. */
export function postIdOf(installation: string, channel: string, ts: string): PostId {
  return `${installation}/${channel}/${ts}`;
}

/** @throws {PlatformError} when neither the id nor the address names the channel. */
export function placeOfPost(
  id: PostId,
  { target }: ReplyAddress,
): { readonly channel: string; readonly ts: string; readonly threadTs: string } {
  const { channel = target["channel"], ts } = partsOf(id);
  if (channel === undefined) throw new PlatformError("rejected", "The id of a Slack post names no channel");
  return { channel, ts, threadTs: target["threadTs"] ?? ts };
}

/** The installation that made the post. Undefined: an earlier version stored the id, when there was only one. */
export function installationOfPost(id: PostId): string | undefined {
  return partsOf(id).installation;
}

/** Earlier versions stored `<channel>/<ts>`, and before that the bare `ts`. */
function partsOf(id: PostId) {
  const [ts = "", channel, installation] = id.split("/").toReversed();
  return { ts, channel, installation };
}
