import { LostTraces } from "./lost-traces.ts";
import { yielding } from "../../async/yielding.ts";

/** A text with its place in the conversation, if known. */
interface LostText {
  readonly text: string;
  readonly ordinal?: number;
}

/** Keeps the trace table below 10 MB, and each doubling below 20 ms. */
const maxCharsPerTable = 2_000_000;

/**
 * Finds candidates that repeat a lost text which no other remaining text holds. A candidate with an ordinal is compared
 * with earlier lost texts only. Yields between texts. Linear time, but all texts are read again for every two million lost
 * characters.
 */
export async function findRepeating<T extends LostText>(
  candidates: readonly T[],
  gone: readonly LostText[],
  others: readonly string[],
): Promise<readonly T[]> {
  const pause = yielding();
  const found = new Set<T>();
  for (const part of splitBySize(gone)) {
    const lost = new LostTraces();
    for (const { text, ordinal } of part) {
      lost.add(text, ordinal);
      await pause();
    }
    for (const text of others) {
      lost.remove(text);
      await pause();
    }
    for (const each of candidates) {
      if (!found.has(each) && lost.isRepeatedIn(each.text, each.ordinal)) found.add(each);
      await pause();
    }
  }
  return candidates.filter((each) => found.has(each));
}

function splitBySize(gone: readonly LostText[]): readonly (readonly LostText[])[] {
  const parts: LostText[][] = [];
  let chars = Infinity;
  for (const each of gone) {
    if (chars + each.text.length > maxCharsPerTable) {
      parts.push([]);
      chars = 0;
    }
    chars += each.text.length;
    parts.at(-1)?.push(each);
  }
  return parts;
}
