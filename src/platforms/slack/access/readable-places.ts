import { PlatformError, type Readable, type Readers } from "../../../ports/platform.ts";
import type { ChannelList, ChannelLists } from "./channel-lists.ts";
import type { Channels, Openness } from "./channel-visibility.ts";
import { askSome, type Answers } from "./ask-some.ts";
import type { Membership, Memberships } from "./membership.ts";
import type { Self } from "../api/bot-identity.ts";
import type { Workspaces } from "../api/workspaces.ts";

interface ReadablePorts {
  readonly channels: Channels;
  readonly lists: ChannelLists;
  readonly memberships: Memberships;
  readonly workspaces: Workspaces;
  readonly self: Pick<Self, "botUserId">;
}

/** Who asks, as far as it matters: everybody in a place of full members alone, or one person. */
type Reader = { readonly team: string } & (
  | { readonly user?: never }
  | { readonly user: string; readonly standing: Membership }
);

/** Beyond so many channels the list of the whole workspace is asked for before them. */
const mostAlone = 20;
const nothing: Readable = { places: [], unknown: [] };

/**
 * Knows which channels people may read, as Slack has said within the last minute: by lists, however many channels there
 * are, and one by one for a few that no list has. Whatever Slack does not say counts as no.
 */
export class SlackReadership {
  readonly #ports: ReadablePorts;

  constructor(ports: ReadablePorts) {
    this.#ports = ports;
  }

  /** In the order in which they were given. @throws {PlatformError} when Slack says nothing at all. */
  readonly of = async (
    readers: Readers,
    places: readonly string[],
    signal: AbortSignal,
  ): Promise<Readable> => {
    const team = teamOf(readers.place);
    // What was said in a DM stays there, whoever asks; and in another workspace too.
    const asked = places.filter((place) => teamOf(place) === team && !channelIn(place).startsWith("D"));
    if (asked.length === 0 || !(await this.#ports.workspaces.knows(team))) return nothing;
    const reader = await this.#readerOf(readers, signal);
    return reader === undefined ? nothing : this.#judge(reader, asked, signal);
  };

  /** Undefined: they may read nothing but their own place. */
  async #readerOf({ place, person }: Readers, signal: AbortSignal): Promise<Reader | undefined> {
    const team = teamOf(place);
    if (person === undefined) return (await this.#isAmongMembers(place, signal)) ? { team } : undefined;
    if (teamOf(person) !== team) return undefined;
    const user = channelIn(person);
    const standing = (await this.#ports.memberships.of(team, [user], signal)).get(user);
    return standing === undefined || standing === "outsider" ? undefined : { team, user, standing };
  }

  async #isAmongMembers(place: string, signal: AbortSignal): Promise<boolean> {
    const channel = channelIn(place);
    const { channels, memberships, self } = this.#ports;
    const { isShared } = await channels.openness(channel, signal);
    if (isShared) return false;
    const members = await channels.members(channel, signal);
    if (members === undefined) return false;
    const people = members.filter((each) => each !== self.botUserId);
    const known = await memberships.of(teamOf(place), people, signal);
    return people.every((each) => known.get(each) === "member");
  }

  async #judge(reader: Reader, places: readonly string[], signal: AbortSignal): Promise<Readable> {
    const ids = places.map(channelIn);
    const openness = await this.#opennessOf(reader.team, ids, signal);
    const isIn = await this.#membershipOf(reader, ids, openness, signal);
    const unknown = new Set([...openness.unknown, ...isIn.unknown]);
    const mayRead = (id: string): boolean => {
      const known = openness.known.get(id);
      if (known === undefined || known.isShared || known.kind === "direct") return false;
      return isOpenTo(reader, known) || isIn.known.get(id) === true;
    };
    return {
      places: places.filter((place) => mayRead(channelIn(place))),
      unknown: places.filter((place) => unknown.has(channelIn(place))),
    };
  }

  async #opennessOf(team: string, ids: readonly string[], signal: AbortSignal): Promise<Answers<Openness>> {
    const { channels, lists } = this.#ports;
    const known = new Map<string, Openness>();
    for (const id of ids) {
      const kept = channels.knownOpenness(id);
      if (kept !== undefined) known.set(id, kept);
    }
    const learn = ({ channels: listed }: ChannelList): readonly string[] => {
      for (const id of ids) {
        const found = listed.get(id);
        if (found !== undefined && found !== "unclear") known.set(id, found);
      }
      return ids.filter((id) => !known.has(id));
    };
    let left = learn(await orNothing(lists.ofBot(team, signal), signal));
    if (left.length > mostAlone) left = learn(await orNothing(lists.ofWorkspace(team, signal), signal));
    const answers = await askSome(left, (id) => channels.openness(id, signal));
    if (answers.failure !== undefined && known.size === 0 && answers.known.size === 0) throw answers.failure;
    return { known: new Map([...known, ...answers.known]), unknown: answers.unknown };
  }

  /** Of channels that are not open to the reader, whether they are a member. */
  async #membershipOf(
    reader: Reader,
    ids: readonly string[],
    openness: Answers<Openness>,
    signal: AbortSignal,
  ): Promise<Answers<boolean>> {
    const closed = ids.filter((id) => {
      const known = openness.known.get(id);
      return known !== undefined && !known.isShared && known.kind !== "direct" && !isOpenTo(reader, known);
    });
    // What everybody may read is public, or no.
    if (reader.user === undefined || closed.length === 0) return { known: new Map(), unknown: [] };
    const { channels, lists } = this.#ports;
    const { team, user } = reader;
    const { channels: theirs, isWhole } = await orNothing(lists.ofPerson(team, user, signal), signal);
    const known = new Map(closed.filter((id) => isWhole || theirs.has(id)).map((id) => [id, theirs.has(id)]));
    const left = closed.filter((id) => !known.has(id));
    const isMember = async (id: string): Promise<boolean> =>
      (await channels.members(id, signal))?.includes(user) === true;
    const answers = await askSome(left, isMember);
    return { known: new Map([...known, ...answers.known]), unknown: answers.unknown };
  }
}

function isOpenTo(reader: Reader, { kind }: Openness): boolean {
  return kind === "public" && (reader.user === undefined || reader.standing === "member");
}

/** A list that Slack does not give is as good as an empty one: there are other ways to ask. */
async function orNothing(list: Promise<ChannelList>, signal: AbortSignal): Promise<ChannelList> {
  try {
    return await list;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PlatformError)) throw error;
    return { channels: new Map(), isWhole: false };
  }
}

function teamOf(place: string): string {
  return place.slice(0, place.indexOf(":"));
}

/** A place or an author, without its workspace. */
function channelIn(place: string): string {
  return place.slice(place.indexOf(":") + 1);
}
