import type { Log } from "../../ports/log.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Readable, Readers } from "../../ports/platform-access.ts";

/** Deadline for the platform's answer about access rights. */
const askMs = 3_000;

/**
 * The one place that decides which places may be read across conversations: those that every reader may read. The readers'
 * own place always counts; for others the platform must confirm it. Places it can't tell about are excluded and returned
 * as `unknown`. Waits at most 3 s.
 */
export async function readablePlaces(
  { platform, log }: { readonly platform: Platform; readonly log: Log },
  readers: Readers,
  places: readonly string[],
  signal: AbortSignal,
): Promise<Readable> {
  // An unknown place grants no access.
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
    log.warn(
      { err: error },
      "could not check who may read other places; search results from them are left out",
    );
    return { places: [readers.place], unknown: others };
  }
}
