import { PlatformError, type Readers } from "../../ports/platform.ts";
import type { Channels } from "./channels.ts";
import type { Standing, Standings } from "./standings.ts";
import type { Self } from "./who-we-are.ts";

interface ReadablePorts {
  readonly channels: Channels;
  readonly standings: Standings;
  readonly self: Pick<Self, "teamId" | "botUserId">;
}

/** Who asks, as far as it matters: everybody in a place of full members alone, or one person. */
type Reader = "all members" | { readonly user: string; readonly standing: Standing };

const atOnce = 8;

/** Knows which channels people may read, asked of Slack now. Whatever Slack does not say counts as no. */
export class Readable {
  readonly #ports: ReadablePorts;

  constructor(ports: ReadablePorts) {
    this.#ports = ports;
  }

  /** In the order in which they were given. @throws {PlatformError} when Slack says nothing at all. */
  readonly of = async (
    readers: Readers,
    places: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> => {
    const { teamId } = this.#ports.self;
    // What was said in a DM stays there, whoever asks.
    const asked = places.filter(
      (place) => place.startsWith(`${teamId}:`) && !channelIn(place).startsWith("D"),
    );
    if (asked.length === 0 || !readers.place.startsWith(`${teamId}:`)) return [];
    const reader = await this.#readerOf(readers, signal);
    return reader === undefined ? [] : this.#ask(reader, asked, signal);
  };

  /** Undefined: they may read nothing but their own place. */
  async #readerOf({ place, person }: Readers, signal: AbortSignal): Promise<Reader | undefined> {
    const { self, standings } = this.#ports;
    if (person === undefined) {
      return (await this.#isAmongMembers(channelIn(place), signal)) ? "all members" : undefined;
    }
    if (!person.startsWith(`${self.teamId}:`)) return undefined;
    const user = channelIn(person);
    const standing = (await standings.of([user], signal)).get(user);
    return standing === undefined || standing === "outsider" ? undefined : { user, standing };
  }

  async #isAmongMembers(channel: string, signal: AbortSignal): Promise<boolean> {
    const { channels, standings, self } = this.#ports;
    const { isShared } = await channels.openness(channel, signal);
    if (isShared) return false;
    const members = await channels.members(channel, signal);
    if (members === undefined) return false;
    const people = members.filter((each) => each !== self.botUserId);
    const known = await standings.of(people, signal);
    return people.every((each) => known.get(each) === "member");
  }

  async #ask(reader: Reader, places: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const readable = new Set<string>();
    const failures: PlatformError[] = [];
    let answers = 0;
    const waiting = [...places];
    const work = async (): Promise<void> => {
      for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
        try {
          if (await this.#mayRead(reader, channelIn(place), signal)) readable.add(place);
          answers += 1;
        } catch (error) {
          if (!(error instanceof PlatformError)) throw error;
          failures.push(error);
          // The others would be refused too, and count against us.
          if (error.kind === "rate-limited") waiting.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const [failure] = failures;
    if (failure !== undefined && answers === 0) throw failure;
    return places.filter((place) => readable.has(place));
  }

  async #mayRead(reader: Reader, channel: string, signal: AbortSignal): Promise<boolean> {
    const { channels } = this.#ports;
    const { kind, isShared } = await channels.openness(channel, signal);
    if (isShared || kind === "direct") return false;
    if (reader === "all members") return kind === "public";
    if (kind === "public" && reader.standing === "member") return true;
    return (await channels.members(channel, signal))?.includes(reader.user) === true;
  }
}

/** A place or an author, without its workspace. */
function channelIn(place: string): string {
  return place.slice(place.indexOf(":") + 1);
}
