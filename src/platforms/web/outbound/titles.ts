import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import type { PageConnections } from "./page-connections.ts";
import { type WebPlace, keyFor } from "../wire/keys.ts";

const lookMs = 10_000;
/** So many conversations a page lists. */
export const mostListed = 200;

interface TitlePorts {
  readonly directory: Directory;
  readonly pages: PageConnections;
  readonly log: Log;
}

/** The title is being looked up. `isStale`: it may be another one since. */
interface Looking {
  isStale: boolean;
}

/** What conversations are called: a title is made of messages, which can be changed, deleted and forgotten. */
export class Titles {
  readonly #ports: TitlePorts;
  readonly #looking = new Map<string, Looking>();

  constructor(ports: TitlePorts) {
    this.#ports = ports;
  }

  /** Tells the pages of a user what a conversation is called now, or that it is not listed. Never rejects. */
  async tell(place: WebPlace): Promise<void> {
    const { pages, log } = this.#ports;
    if (!pages.has(place.user) || this.outdate(place)) return;
    const key = keyFor(place);
    const looking: Looking = { isStale: false };
    this.#looking.set(key, looking);
    try {
      let title = await this.#look(place);
      while (looking.isStale) {
        looking.isStale = false;
        title = await this.#look(place);
      }
      const { user, conversation } = place;
      if (title === undefined) pages.show(user, { type: "unlisted", conversation });
      else pages.show(user, { type: "renamed", conversation, title });
    } catch (error) {
      log.debug({ err: error }, "could not look up a title: pages learn it when they come back");
    } finally {
      this.#looking.delete(key);
    }
  }

  /**
   * A person has named the conversation, removed it or said something in it: what is being looked up may be how it was
   * listed before. Gives whether anything is.
   */
  outdate(place: WebPlace): boolean {
    const looking = this.#looking.get(keyFor(place));
    if (looking !== undefined) looking.isStale = true;
    return looking !== undefined;
  }

  /** Undefined: the conversation is not listed. */
  async #look(place: WebPlace): Promise<string | undefined> {
    return (await this.#ports.directory.entry(keyFor(place), AbortSignal.timeout(lookMs)))?.title;
  }
}
