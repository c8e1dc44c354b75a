import type { Inbound, Said } from "../../../domain/inbound.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { keyOf, partsOf, placeOf } from "../wire/keys.ts";

/** Where an event belongs under one of its channel's ids. */
type Location = Pick<Inbound, "conversation" | "place">;

/** The same event under the channel's new id and its first id. */
interface BothLocations {
  readonly now: Location;
  readonly first: Location;
}

interface Ports {
  readonly directory: Pick<Directory, "locate">;
  readonly channelIds: Pick<ChannelIds, "firstId" | "currentId">;
}

/**
 * Whether a thread began under the new id of its channel before Slack announced it; it continues there. If unknown, the
 * thread belongs to the first id. A failed look-up counts as unknown: storing the event will fail with the same error.
 */
export async function beganUnderNewId(
  { now, first }: BothLocations,
  { locate }: Pick<Directory, "locate">,
  signal: AbortSignal,
): Promise<boolean> {
  const { threadTs } = partsOf(now.conversation);
  if (threadTs === undefined) return false;
  const isKnown = async ({ conversation, place }: Location): Promise<boolean> =>
    (await locate("slack", place, threadTs, signal).catch(() => undefined)) === conversation;
  return (await isKnown(now)) && !(await isKnown(first));
}

/** Drops missed messages that belong to another id of their channel: they would be answered twice. */
export async function dedupeByChannelId(
  said: readonly Said[],
  { directory, channelIds }: Ports,
  signal: AbortSignal,
): Promise<readonly Said[]> {
  const remaining = [];
  for (const each of said) {
    const { team, channel, threadTs = "" } = partsOf(each.conversation);
    const first = channelIds.firstId(channel);
    const other = channel === first ? channelIds.currentId(channel) : channel;
    const locationUnder = (id: string): Location => ({
      conversation: keyOf(team, id, threadTs),
      place: placeOf(team, id),
    });
    const isUnderNewId =
      other !== first &&
      (await beganUnderNewId({ now: locationUnder(other), first: locationUnder(first) }, directory, signal));
    if (isUnderNewId === (channel !== first)) remaining.push(each);
  }
  return remaining;
}
