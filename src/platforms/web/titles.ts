import type { Directory } from "../../ports/directory.ts";
import type { Log } from "../../ports/log.ts";
import type { Pages } from "./pages.ts";
import { keyFor, type WebPlace } from "./to-inbound.ts";

const lookMs = 10_000;
/** So many conversations a page lists. */
export const mostListed = 200;

interface TitlePorts {
  readonly directory: Directory;
  readonly pages: Pages;
  readonly log: Log;
}

/** What conversations are called: a title quotes a message, which can be changed, deleted and forgotten. */
export class Titles {
  readonly #ports: TitlePorts;

  constructor(ports: TitlePorts) {
    this.#ports = ports;
  }

  /** Tells the pages of a user what a conversation is called now. Never rejects. */
  async tell(place: WebPlace): Promise<void> {
    const { directory, pages, log } = this.#ports;
    const { user, conversation } = place;
    if (!pages.has(user)) return;
    try {
      const entries = await directory.recent("web", user, mostListed, AbortSignal.timeout(lookMs));
      const entry = entries.find((each) => each.conversation === keyFor(place));
      // It may be one of those that the directory was not asked for.
      if (entry === undefined && entries.length === mostListed) return;
      pages.show(user, { type: "renamed", conversation, title: entry?.title ?? "" });
    } catch (error) {
      log.debug({ err: error }, "could not look up a title: pages learn it when they come back");
    }
  }
}
