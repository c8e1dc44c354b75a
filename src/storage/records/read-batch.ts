/** More than a turn can use; the rest is read when these are done. */
export const maxBatchEntries = 200;
/** Reading and checking so many characters takes a few ms, and all else waits. */
const maxBatchChars = 2_000_000;

/** The entries from the front that are read at once, in their stored form; one at least. */
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
