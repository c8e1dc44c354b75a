import type { Inbound } from "../../domain/inbound.ts";
import type { Directory } from "../../ports/directory.ts";
import { partsOf } from "./slack-facts.ts";

/** What Slack delivered, read with each of the two ids of its channel. */
interface TwoReadings {
  readonly now: Inbound;
  readonly first: Inbound;
}

/**
 * Whether a thread began under the new id of its channel, before Slack told of that: it goes on there. Where nobody can
 * tell, it is one of the first id; what can't be looked up can't be stored either, and whoever stores it says so.
 */
export async function isEarlyThread(
  { now, first }: TwoReadings,
  { locate }: Pick<Directory, "locate">,
  signal: AbortSignal,
): Promise<boolean> {
  const { threadTs } = partsOf(now.conversation);
  if (threadTs === undefined) return false;
  const isKnown = async ({ conversation, place }: Inbound): Promise<boolean> =>
    (await locate("slack", place, threadTs, signal).catch(() => undefined)) === conversation;
  return (await isKnown(now)) && !(await isKnown(first));
}
