import { Filer } from "./filer.ts";
import { Person } from "./people.ts";
import type { Random } from "./random.ts";
import type { Scale } from "./scene.ts";
import { Stopper } from "./stopper.ts";
import type { Town } from "./town.ts";

/** One person who sends files for so many others. */
const peoplePerFiler = 10;

/** Half of the people live in each town that has threads. On the web, people only send files. */
export function settle(all: readonly Town[], scale: Scale, random: Random): readonly Person[] {
  const towns = all.filter(({ name }) => name !== "the web");
  return Array.from({ length: scale.conversations }, (_, conversation) => {
    const town = towns[conversation % towns.length];
    if (town === undefined) throw new RangeError("There is no town");
    return new Person(town, conversation, random.fork(`person ${conversation}`), 2 * scale.thoughtMs);
  });
}

/** A few more people, who send files. Their conversations are judged on their own. */
export function settleFilers(towns: readonly Town[], scale: Scale, random: Random): readonly Filer[] {
  const each = Math.ceil(scale.conversations / peoplePerFiler);
  return towns.flatMap((town, at) =>
    Array.from({ length: each }, (_, index) => {
      const conversation = scale.conversations + at * each + index;
      return new Filer(town, conversation, random.fork(`filer ${conversation}`), 2 * scale.thoughtMs);
    }),
  );
}

/** One more in each town with threads, who stops answers. They take long, so that a short day has none. */
export function settleStoppers(towns: readonly Town[], scale: Scale, random: Random): readonly Stopper[] {
  if (scale.conversations < peoplePerFiler) return [];
  const from = scale.conversations + towns.length * Math.ceil(scale.conversations / peoplePerFiler);
  return towns
    .filter(({ name }) => name !== "the web")
    .map((town, at) => {
      const luck = random.fork(`stopper ${from + at}`);
      return new Stopper(town, from + at, luck, 2 * scale.thoughtMs);
    });
}
