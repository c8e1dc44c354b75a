import type { Log } from "../../ports/log.ts";
import type { Platform, Readable, Readers } from "../../ports/platform.ts";

/** How long a platform may take to say who may read what. */
const askMs = 3_000;

/**
 * The one place that decides what may be read across conversations: of the places, those that every reader may read. Their
 * own place is one of them; of any other the platform must say so. Unknown means no, and is said.
 */
export async function readablePlaces(
  { platform, log }: { readonly platform: Platform; readonly log: Log },
  readers: Readers,
  places: readonly string[],
  signal: AbortSignal,
): Promise<Readable> {
  // Whose place is not known may read nothing: it is no place of its own.
  if (readers.place === "") return { places: [], unknown: [] };
  const others = places.filter((place) => place !== readers.place && place !== "");
  if (others.length === 0 || platform.readable === undefined) return { places: [readers.place], unknown: [] };
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
    const { places: readable, unknown } = await platform.readable(readers, others, within);
    const may = new Set(readable);
    return { places: [readers.place, ...others.filter((place) => may.has(place))], unknown };
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, "could not find out who may read what: nothing from other places is used");
    return { places: [readers.place], unknown: others };
  }
}
