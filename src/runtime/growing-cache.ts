import { LRUCache } from "lru-cache";

/** A size in entries instead of `max`, with which a cache takes the room for all entries at once: 27 bytes for each. */
export function entriesUpTo(max: number) {
  return { maxSize: max, sizeCalculation: () => 1 };
}

/** A cache of the `max` entries used last. It takes room for them when they come. */
export function growingCache<Value extends object | string | number | true>(
  max: number,
): LRUCache<string, Value> {
  return new LRUCache(entriesUpTo(max));
}
