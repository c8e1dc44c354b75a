import { SlackRefusal, type SlackArguments } from "./slack-arguments.ts";
import type { SlackWorld } from "./slack-methods.ts";

/** The thread of a new post; undefined for the top level of the channel. */
export function threadIn(
  { messages, refusals }: SlackWorld,
  channel: string,
  args: SlackArguments,
): string | undefined {
  const refusal = refusals.get(channel);
  if (refusal !== undefined) throw new SlackRefusal(refusal);
  const threadTs = args["thread_ts"];
  if (threadTs === undefined) return undefined;
  if (typeof threadTs !== "string" || !/^\d+\.\d{6}$/u.test(threadTs))
    throw new SlackRefusal("invalid_thread_ts");
  // Slack accepts the ts of a reply and misplaces the post; here that is an error.
  const root = messages.get(channel, threadTs);
  if (root?.threadTs !== undefined && root.threadTs !== threadTs) throw new SlackRefusal("thread_not_found");
  return threadTs;
}
