import { PlatformError } from "../../../ports/platform.ts";

/** What single questions about channels came to. */
export interface Answers<T> {
  readonly known: ReadonlyMap<string, T>;
  /** What was not asked, or not answered. */
  readonly unknown: readonly string[];
  /** Why something was not answered. */
  readonly failure?: PlatformError;
}

const mostAsked = 20;
const atOnce = 8;

/**
 * Asks about a few channels, at random where there are more: so that those who ask again learn of others. Once Slack asks
 * to slow down, nothing more is asked. What is gone or closed to the bot is neither known nor unknown.
 */
export async function askSome<T>(
  ids: readonly string[],
  ask: (id: string) => Promise<T>,
): Promise<Answers<T>> {
  const known = new Map<string, T>();
  const settled = new Set<string>();
  const waiting = (ids.length > mostAsked ? shuffled(ids) : [...ids]).slice(0, mostAsked);
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
        // The others would be refused too, and count against us.
        if (error.kind === "rate-limited") waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const unknown = ids.filter((id) => !settled.has(id));
  return { known, unknown, ...(failure === undefined ? {} : { failure }) };
}

function shuffled(ids: readonly string[]): readonly string[] {
  return ids
    .map((id) => ({ id, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ id }) => id);
}
