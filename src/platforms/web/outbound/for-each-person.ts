import type { WebPlace } from "../wire/keys.ts";

const lanes = 8;

/**
 * Works for all places, for eight people at a time and for each person's places in order: nobody waits long for a person
 * whose pages are slow. `work` must not reject.
 */
export async function forEachPerson(
  places: readonly WebPlace[],
  work: (place: WebPlace) => Promise<void>,
): Promise<void> {
  const people = Map.groupBy(places, ({ user }) => user).values();
  const runLane = async (): Promise<void> => {
    for (const each of people) for (const place of each) await work(place);
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
}
