import type { PostId } from "../../../domain/message.ts";
import { PlatformError } from "../../../ports/platform-error.ts";

/** The channel and the message of a post: `<channel>/<message>`. @throws {PlatformError} `gone` for other ids. */
export function parsePostId(id: PostId): { readonly channel: string; readonly message: string } {
  const [channel, message] = id.split("/");
  if (channel === undefined || message === undefined) {
    throw new PlatformError("gone", "Not the id of a Discord post");
  }
  return { channel, message };
}
