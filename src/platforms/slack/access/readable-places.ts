import { PlatformError } from "../../../ports/platform-error.ts";
import type { Readable, Readers } from "../../../ports/platform-access.ts";
import type { ChannelList, ChannelLists } from "./channel-lists.ts";
import type { Channels, Visibility } from "./channel-visibility.ts";
import { askAboutChannels, type ChannelAnswers } from "./ask-about-channels.ts";
import type { Membership, Memberships } from "./membership.ts";
import type { BotIdentity } from "../api/bot-identity.ts";
import { teamOf } from "../wire/keys.ts";
import type { Workspaces } from "../api/workspaces.ts";

interface ReadablePorts {
  readonly channels: Channels;
  readonly lists: ChannelLists;
  readonly memberships: Memberships;
  readonly workspaces: Workspaces;
  readonly self: Pick<BotIdentity, "botUserId">;
}

/** The readers of an answer: all members of a place that has full members only, or one person. */
type Reader = { readonly team: string } & (
  | { readonly user?: never }
  | { readonly user: string; readonly membership: Membership }
);

/** For more channels than this, the list of the whole workspace is read first. */
const maxSingleLookups = 20;
const nothing: Readable = { places: [], unknown: [] };

/**
 * Decides which channels people may read, from answers of the last minute: from lists, and one by one for a few channels
 * that are in no list. Without an answer from Slack a channel is not readable.
 */
export class SlackReadership {
  readonly #ports: ReadablePorts;

  constructor(ports: ReadablePorts) {
    this.#ports = ports;
  }

  /** Keeps the order of `places`. @throws {PlatformError} when Slack answers nothing at all. */
  readonly of = async (
    readers: Readers,
    places: readonly string[],
    signal: AbortSignal,
  ): Promise<Readable> => {
    const team = teamOf(readers.place);
    // DMs are readable from nowhere else, and nothing is readable across workspaces.
    const asked = places.filter((place) => teamOf(place) === team && !channelIn(place).startsWith("D"));
    if (asked.length === 0 || !(await this.#ports.workspaces.knows(team))) return nothing;
    const reader = await this.#readerOf(readers, signal);
    return reader === undefined ? nothing : this.#judge(reader, asked, signal);
  };

  /** Undefined: these readers may read nothing but their own place. */
  async #readerOf({ place, person }: Readers, signal: AbortSignal): Promise<Reader | undefined> {
    const team = teamOf(place);
    if (person === undefined) return (await this.#isAmongMembers(place, signal)) ? { team } : undefined;
    if (teamOf(person) !== team) return undefined;
    const user = channelIn(person);
    const membership = (await this.#ports.memberships.of(team, [user], signal)).get(user);
    return membership === undefined || membership === "outsider" ? undefined : { team, user, membership };
  }

  async #isAmongMembers(place: string, signal: AbortSignal): Promise<boolean> {
    const channel = channelIn(place);
    const { channels, memberships, self } = this.#ports;
    const { isShared } = await channels.visibility(channel, signal);
    if (isShared) return false;
    const members = await channels.members(channel, signal);
    if (members === undefined) return false;
    const people = members.filter((each) => each !== self.botUserId);
    const known = await memberships.of(teamOf(place), people, signal);
    return people.every((each) => known.get(each) === "member");
  }

  async #judge(reader: Reader, places: readonly string[], signal: AbortSignal): Promise<Readable> {
    const ids = places.map(channelIn);
    const visibility = await this.#visibilityOf(reader.team, ids, signal);
    const isIn = await this.#membershipOf(reader, ids, visibility, signal);
    const unknown = new Set([...visibility.unknown, ...isIn.unknown]);
    const mayRead = (id: string): boolean => {
      const known = visibility.known.get(id);
      if (known === undefined || known.isShared || known.kind === "direct") return false;
      return isOpenTo(reader, known) || isIn.known.get(id) === true;
    };
    return {
      places: places.filter((place) => mayRead(channelIn(place))),
      unknown: places.filter((place) => unknown.has(channelIn(place))),
    };
  }

  async #visibilityOf(
    team: string,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ChannelAnswers<Visibility>> {
    const { channels, lists } = this.#ports;
    const known = new Map<string, Visibility>();
    for (const id of ids) {
      const cached = channels.cachedVisibility(id);
      if (cached !== undefined) known.set(id, cached);
    }
    const addFrom = ({ channels: listed }: ChannelList): readonly string[] => {
      for (const id of ids) {
        const found = listed.get(id);
        if (found !== undefined && found !== "unclear") known.set(id, found);
      }
      return ids.filter((id) => !known.has(id));
    };
    let left = addFrom(await orEmptyList(lists.ofBot(team, signal), signal));
    if (left.length > maxSingleLookups)
      left = addFrom(await orEmptyList(lists.ofWorkspace(team, signal), signal));
    const answers = await askAboutChannels(left, (id) => channels.visibility(id, signal));
    if (answers.failure !== undefined && known.size === 0 && answers.known.size === 0) throw answers.failure;
    return { known: new Map([...known, ...answers.known]), unknown: answers.unknown };
  }

  /** Whether the reader is a member, for the channels that are not open to them. */
  async #membershipOf(
    reader: Reader,
    ids: readonly string[],
    visibility: ChannelAnswers<Visibility>,
    signal: AbortSignal,
  ): Promise<ChannelAnswers<boolean>> {
    const closed = ids.filter((id) => {
      const known = visibility.known.get(id);
      return known !== undefined && !known.isShared && known.kind !== "direct" && !isOpenTo(reader, known);
    });
    // A whole place of readers may only read public channels.
    if (reader.user === undefined || closed.length === 0) return { known: new Map(), unknown: [] };
    const { channels, lists } = this.#ports;
    const { team, user } = reader;
    const { channels: theirs, isWhole } = await orEmptyList(lists.ofPerson(team, user, signal), signal);
    const known = new Map(closed.filter((id) => isWhole || theirs.has(id)).map((id) => [id, theirs.has(id)]));
    const left = closed.filter((id) => !known.has(id));
    const isMember = async (id: string): Promise<boolean> =>
      (await channels.members(id, signal))?.includes(user) === true;
    const answers = await askAboutChannels(left, isMember);
    return { known: new Map([...known, ...answers.known]), unknown: answers.unknown };
  }
}

function isOpenTo(reader: Reader, { kind }: Visibility): boolean {
  return kind === "public" && (reader.user === undefined || reader.membership === "member");
}

/** A list that fails counts as empty: its channels are looked up one by one. */
async function orEmptyList(list: Promise<ChannelList>, signal: AbortSignal): Promise<ChannelList> {
  try {
    return await list;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PlatformError)) throw error;
    return { channels: new Map(), isWhole: false };
  }
}

/** A place or an author id without its workspace. */
function channelIn(place: string): string {
  return place.slice(place.indexOf(":") + 1);
}
