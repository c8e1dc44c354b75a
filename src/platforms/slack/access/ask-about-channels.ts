import { PlatformError } from "../../../ports/platform-error.ts";

/** Answers about single channels. A channel that is gone, or closed to the bot, is in neither list. */
export interface ChannelAnswers<T> {
  readonly known: ReadonlyMap<string, T>;
  /** Channels that were not asked about or got no answer. */
  readonly unknown: readonly string[];
  /** The last error. */
  readonly failure?: PlatformError;
}

const maxLookups = 20;
const concurrency = 8;

/**
 * Asks about at most 20 channels, chosen at random so that the next attempt learns about others. Stops at a rate limit.
 */
export async function askAboutChannels<T>(
  ids: readonly string[],
  ask: (id: string) => Promise<T>,
): Promise<ChannelAnswers<T>> {
  const known = new Map<string, T>();
  const settled = new Set<string>();
  const waiting = (ids.length > maxLookups ? shuffled(ids) : [...ids]).slice(0, maxLookups);
  let failure: PlatformError | undefined;
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        known.set(id, await ask(id));
        settled.add(id);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        if (error.kind !== "gone") failure = error;
        if (!error.isPassing) settled.add(id);
        // Further calls would be refused too, and extend the pause.
        if (error.kind === "rate-limited") waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const unknown = ids.filter((id) => !settled.has(id));
  return { known, unknown, ...(failure === undefined ? {} : { failure }) };
}

function shuffled(ids: readonly string[]): readonly string[] {
  return ids
    .map((id) => ({ id, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ id }) => id);
}
