/** More than one turn can cover. The rest is read by the next turn. */
export const maxBatchEntries = 200;
/** Parsing this much takes a few milliseconds and blocks the event loop. */
const maxBatchChars = 2_000_000;

/** As many entries from the front as one read may parse. At least one, if there is any. */
export function takeBatch<Entry>(entries: Iterable<Entry>, charsOf: (entry: Entry) => number): Entry[] {
  const taken: Entry[] = [];
  let chars = 0;
  for (const entry of entries) {
    chars += charsOf(entry);
    if (taken.length > 0 && chars > maxBatchChars) break;
    taken.push(entry);
  }
  return taken;
}
