import type { ConversationKey } from "../../../domain/conversation.ts";
import { placeOfPost } from "./post-id.ts";
import { partsOf, type SlackFacts } from "./keys.ts";
import type { PostId } from "../../../domain/message.ts";

/** The URL of a message; for a reply, in its thread. */
export function permalinkOf(
  { channel, ts, threadTs }: { readonly channel: string; readonly ts: string; readonly threadTs?: string },
  { workspaceUrl, currentId }: Pick<SlackFacts, "workspaceUrl" | "currentId">,
): string {
  const current = currentId(channel);
  const isReply = threadTs !== undefined && threadTs !== ts;
  const thread = isReply ? `?thread_ts=${threadTs}&cid=${current}` : "";
  return `${workspaceUrl}archives/${current}/p${ts.replace(".", "")}${thread}`;
}

/** The URL of our post in a conversation; undefined in another workspace, whose URL is unknown. */
export function permalinkOfPost(
  conversation: ConversationKey,
  post: PostId,
  self: Pick<SlackFacts, "isOurs" | "workspaceUrl" | "currentId">,
): string | undefined {
  const { team, ...thread } = partsOf(conversation);
  if (!self.isOurs(team)) return undefined;
  const { channel, ts } = placeOfPost(post, { platform: "slack", target: { channel: thread.channel } });
  return permalinkOf({ ...thread, channel, ts }, self);
}
