import type { Platform, Readers } from "../ports/platform.ts";
import type { Log } from "../ports/log.ts";

/** How long a platform may take to say who may read what. */
const askMs = 3_000;

/**
 * The one place that decides what may be read across conversations: of the places, those that every reader may read. Their
 * own place is one of them; of any other the platform must say so, now. Unknown means no.
 */
export async function readablePlaces(
  { platform, log }: { readonly platform: Platform; readonly log: Log },
  readers: Readers,
  places: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Whose place is not known may read nothing: it is no place of its own.
  if (readers.place === "") return [];
  const others = places.filter((place) => place !== readers.place && place !== "");
  if (others.length === 0 || platform.readable === undefined) return [readers.place];
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
    const readable = new Set(await platform.readable(readers, others, within));
    return [readers.place, ...others.filter((place) => readable.has(place))];
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, "could not find out who may read what: nothing from other places is used");
    return [readers.place];
  }
}
