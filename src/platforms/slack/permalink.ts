import type { SlackFacts } from "./slack-facts.ts";

/** Leads to a message, in its thread where it is a reply. */
export function permalinkOf(
  { channel, ts, threadTs }: { readonly channel: string; readonly ts: string; readonly threadTs?: string },
  { workspaceUrl }: Pick<SlackFacts, "workspaceUrl">,
): string {
  const isReply = threadTs !== undefined && threadTs !== ts;
  const thread = isReply ? `?thread_ts=${threadTs}&cid=${channel}` : "";
  return `${workspaceUrl}archives/${channel}/p${ts.replace(".", "")}${thread}`;
}
