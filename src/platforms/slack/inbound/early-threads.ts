import type { Inbound, Said } from "../../../domain/inbound.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { keyOf, partsOf, placeOf } from "../wire/keys.ts";

/** Something that Slack told, by one of the ids of its channel. */
type Reading = Pick<Inbound, "conversation" | "place">;

/** The same, read with each of the two ids. */
interface TwoReadings {
  readonly now: Reading;
  readonly first: Reading;
}

interface Ports {
  readonly directory: Pick<Directory, "locate">;
  readonly channelIds: Pick<ChannelIds, "known" | "current">;
}

/**
 * Whether a thread began under the new id of its channel, before Slack told of that: it goes on there. Where nobody can
 * tell, it is one of the first id; what can't be looked up can't be stored either, and storing it fails with that error.
 */
export async function isEarlyThread(
  { now, first }: TwoReadings,
  { locate }: Pick<Directory, "locate">,
  signal: AbortSignal,
): Promise<boolean> {
  const { threadTs } = partsOf(now.conversation);
  if (threadTs === undefined) return false;
  const isKnown = async ({ conversation, place }: Reading): Promise<boolean> =>
    (await locate("slack", place, threadTs, signal).catch(() => undefined)) === conversation;
  return (await isKnown(now)) && !(await isKnown(first));
}

/** What was missed in a place, without what is read under another id of its channel: else it would be answered twice. */
export async function underOneId(
  said: readonly Said[],
  { directory, channelIds }: Ports,
  signal: AbortSignal,
): Promise<readonly Said[]> {
  const kept = [];
  for (const each of said) {
    const { team, channel, threadTs = "" } = partsOf(each.conversation);
    const first = channelIds.known(channel);
    const other = channel === first ? channelIds.current(channel) : channel;
    const read = (id: string): Reading => ({
      conversation: keyOf(team, id, threadTs),
      place: placeOf(team, id),
    });
    const isEarly =
      other !== first && (await isEarlyThread({ now: read(other), first: read(first) }, directory, signal));
    if (isEarly === (channel !== first)) kept.push(each);
  }
  return kept;
}
