import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import type { PageConnections } from "./page-connections.ts";
import { type WebPlace, keyFor } from "../wire/keys.ts";

const lookupDeadlineMs = 10_000;
/** So many conversations a page lists. */
export const maxListed = 200;

interface TitlePorts {
  readonly directory: Directory;
  readonly pages: PageConnections;
  readonly log: Log;
}

/** The title is being looked up. `isStale`: it may be another one since. */
interface TitleLookup {
  isStale: boolean;
}

/** What conversations are called: a title is made of messages, which can be changed, deleted and forgotten. */
export class Titles {
  readonly #ports: TitlePorts;
  readonly #lookups = new Map<string, TitleLookup>();

  constructor(ports: TitlePorts) {
    this.#ports = ports;
  }

  /** Tells the pages of a user what a conversation is called now, or that it is not listed. Never rejects. */
  async refresh(place: WebPlace): Promise<void> {
    const { pages, log } = this.#ports;
    if (!pages.has(place.user) || this.markStale(place)) return;
    const key = keyFor(place);
    const lookups: TitleLookup = { isStale: false };
    this.#lookups.set(key, lookups);
    try {
      let title = await this.#titleOf(place);
      while (lookups.isStale) {
        lookups.isStale = false;
        title = await this.#titleOf(place);
      }
      const { user, conversation } = place;
      if (title === undefined) pages.send(user, { type: "unlisted", conversation });
      else pages.send(user, { type: "renamed", conversation, title });
    } catch (error) {
      log.debug({ err: error }, "could not titleOf up a title: pages learn it when they come back");
    } finally {
      this.#lookups.delete(key);
    }
  }

  /**
   * A person has named the conversation, removed it or said something in it: what is being looked up may be how it was
   * listed before. Gives whether anything is.
   */
  markStale(place: WebPlace): boolean {
    const lookups = this.#lookups.get(keyFor(place));
    if (lookups !== undefined) lookups.isStale = true;
    return lookups !== undefined;
  }

  /** Undefined: the conversation is not listed. */
  async #titleOf(place: WebPlace): Promise<string | undefined> {
    return (await this.#ports.directory.entry(keyFor(place), AbortSignal.timeout(lookupDeadlineMs)))?.title;
  }
}
