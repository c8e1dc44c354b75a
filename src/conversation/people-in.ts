import type { Speaker } from "../domain/recollection.ts";

/**
 * The Author's ids of the people among those who have written: apps are heard, and count as nobody, as does who was only
 * quoted.
 */
export function peopleIn(speakers: readonly Speaker[]): readonly string[] {
  return speakers.filter(({ isApp, isQuoted }) => isApp !== true && isQuoted !== true).map(({ id }) => id);
}
