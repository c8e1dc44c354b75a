import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import type { PageConnections } from "./page-connections.ts";
import { type WebPlace, keyFor } from "../wire/keys.ts";

const lookupDeadlineMs = 10_000;
/** Conversations in a page's list. */
export const maxListed = 200;

interface TitlePorts {
  readonly directory: Directory;
  readonly pages: PageConnections;
  readonly log: Log;
}

/** A lookup under way. `isStale`: the title may have changed since. */
interface TitleLookup {
  isStale: boolean;
}

/** Keeps titles on pages current: a title is made of messages, which can be edited, deleted and erased. */
export class Titles {
  readonly #ports: TitlePorts;
  readonly #lookups = new Map<string, TitleLookup>();

  constructor(ports: TitlePorts) {
    this.#ports = ports;
  }

  /** Sends a conversation's title to its user's pages, or that it is no longer listed. Never rejects. */
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
      log.debug({ err: error }, "could not look up a title; pages get it when they reconnect");
    } finally {
      this.#lookups.delete(key);
    }
  }

  /**
   * Marks a lookup under way as outdated, because the conversation was renamed, removed or written in. Returns
   * whether there is one.
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
