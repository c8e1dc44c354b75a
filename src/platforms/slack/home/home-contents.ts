import type { DirectoryEntry } from "../../../domain/conversation.ts";
import type { Preferences } from "../../../domain/preferences.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { ErasureRequests } from "../../../ports/erasure-requests.ts";
import type { Log } from "../../../ports/log.ts";
import type { PlatformAccess, Readable } from "../../../ports/platform-access.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { PreferenceStore } from "../../../ports/preferences.ts";
import type { PersonalUsage, UsageToday } from "../../../ports/usage.ts";
import { placeOf } from "../wire/keys.ts";
import { authorOfHome, type HomeOwner } from "./home-owner.ts";

/** What a Home tab shows. */
export interface HomeContents {
  /** Those that the owner may read now, newest first. */
  readonly conversations: readonly DirectoryEntry[];
  /** How many more there are. */
  readonly more: number;
  /** There may be still more, which were not looked for. */
  readonly isCut: boolean;
  /** Slack did not say of some whether the owner may read them. */
  readonly isUnclear: boolean;
  readonly usage: PersonalUsage;
  readonly preferences: Preferences;
}

export interface HomeContentsPorts {
  readonly directory: Pick<Directory, "writtenSince">;
  readonly erasureRequests: Pick<ErasureRequests, "cutoffs">;
  readonly readable: NonNullable<PlatformAccess["readable"]>;
  readonly preferences: Pick<PreferenceStore, "find">;
  readonly usageToday: UsageToday;
  readonly log: Log;
}

const maxShown = 20;
/** Conversations that are looked at: those in places that the owner has left are not shown. */
const maxListed = 100;

/** `channel`: the DM with the owner. @throws {StoreError} */
export async function readHome(
  ports: HomeContentsPorts,
  owner: HomeOwner,
  channel: string,
  signal: AbortSignal,
): Promise<HomeContents> {
  const author = authorOfHome(owner);
  const place = placeOf(owner.team, channel);
  const [listed, usage, preferences] = await Promise.all([
    conversationsOf(ports, owner, signal),
    ports.usageToday({ platform: "slack", place, author }, signal),
    ports.preferences.find("slack", author, signal),
  ]);
  const { places, unknown } = await readableIn(ports, { place, person: author }, listed, signal);
  const may = new Set(places);
  const conversations = listed.filter((each) => may.has(each.place));
  return {
    conversations: conversations.slice(0, maxShown),
    more: Math.max(0, conversations.length - maxShown),
    isCut: listed.length === maxListed,
    isUnclear: unknown.length > 0,
    usage,
    preferences,
  };
}

/**
 * The newest conversations in which something of a person is stored, whether or not they may still read them: nothing is left of
 * what they said before their last `/forget me`. @throws {StoreError}
 */
export async function conversationsOf(
  { directory, erasureRequests }: Pick<HomeContentsPorts, "directory" | "erasureRequests">,
  owner: HomeOwner,
  signal: AbortSignal,
): Promise<readonly DirectoryEntry[]> {
  const author = authorOfHome(owner);
  const sinceMs = (await erasureRequests.cutoffs("slack", [author], signal)).get(author) ?? 0;
  return directory.writtenSince("slack", author, { sinceMs, limit: maxListed }, signal);
}

/** As recall decides it: a place that Slack says nothing about is not readable. */
async function readableIn(
  { readable, log }: HomeContentsPorts,
  readers: { readonly place: string; readonly person: string },
  listed: readonly DirectoryEntry[],
  signal: AbortSignal,
): Promise<Readable> {
  const others = [...new Set(listed.map(({ place }) => place))].filter((each) => each !== readers.place);
  try {
    const { places, unknown } = await readable(readers, others, signal);
    return { places: [readers.place, ...places], unknown };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    log.warn(
      { err: error },
      "could not check which channels a person may read; the Home tab leaves their conversations out",
    );
    return { places: [readers.place], unknown: others };
  }
}
