import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { TraceTable } from "./trace-table.ts";
import { eachTrace } from "./traces.ts";
import { yielding } from "../async/yielding.ts";

/**
 * What some texts say and no other text does: telling words and quotations of four words. First all that is gone is added,
 * then all that remains is taken out. Time grows with the length of the texts, memory with what was added.
 */
export class LostTraces {
  readonly #table = new TraceTable();

  /** `since`: the ordinal from which on it can have been repeated. */
  add(text: string, since = 1): void {
    eachTrace(text, (one, two) => {
      this.#table.put(one, two, since);
      return false;
    });
  }

  takeOut(text: string): void {
    eachTrace(text, (one, two) => {
      this.#table.drop(one, two);
      return false;
    });
  }

  /** Whether a text repeats any of it. `ordinal`: that of the text; what came later it can't repeat. */
  isIn(text: string, ordinal = Infinity): boolean {
    return eachTrace(text, (one, two) => this.#table.sinceOf(one, two) < ordinal);
  }
}

/** What was said and is no more, or reads otherwise now. */
interface Gone {
  readonly text: string;
  readonly ordinal?: number;
}

/** So many characters make a table of 10 MB at most, which grows in steps of 20 ms at most. */
const charsAtOnce = 2_000_000;

/**
 * Which texts repeat something that is gone and that none of the others says. In slices; over an archive, all is read
 * again for every two million characters that are gone.
 */
export async function repeatingOf<T extends Gone>(
  candidates: readonly T[],
  gone: readonly Gone[],
  others: readonly string[],
): Promise<readonly T[]> {
  const pause = yielding();
  const found = new Set<T>();
  for (const part of partsOf(gone)) {
    const lost = new LostTraces();
    for (const { text, ordinal } of part) {
      lost.add(text, ordinal);
      await pause();
    }
    for (const text of others) {
      lost.takeOut(text);
      await pause();
    }
    for (const each of candidates) {
      if (!found.has(each) && lost.isIn(each.text, each.ordinal)) found.add(each);
      await pause();
    }
  }
  return candidates.filter((each) => found.has(each));
}

function partsOf(gone: readonly Gone[]): readonly (readonly Gone[])[] {
  const parts: Gone[][] = [];
  let chars = Infinity;
  for (const each of gone) {
    if (chars + each.text.length > charsAtOnce) {
      parts.push([]);
      chars = 0;
    }
    chars += each.text.length;
    parts.at(-1)?.push(each);
  }
  return parts;
}

/** Messages that are gone or read otherwise now, as they read before. */
export interface GoneMessages {
  readonly deleted: readonly RememberedMessage[];
  readonly reworded: readonly RememberedMessage[];
}

/**
 * Which replies of ours rest on messages that are gone: such a reply answers nothing else, or it was made after one of
 * them and repeats what no person's remaining message says.
 */
export async function restingOn(
  { deleted, reworded }: GoneMessages,
  remaining: readonly RememberedMessage[],
): Promise<readonly RememberedMessage[]> {
  const ids = new Set(deleted.map(({ id }) => id));
  const gone = [...deleted, ...reworded];
  const first = Math.min(...gone.map(({ ordinal }) => ordinal));
  const replies = remaining.filter(({ role, ordinal }) => role !== "person" && ordinal > first);
  const said = remaining.filter(({ role }) => role === "person").map(({ text }) => text);
  const repeating = new Set(replies.length === 0 ? [] : await repeatingOf(replies, gone, said));
  return remaining.filter(
    (message) =>
      repeating.has(message) ||
      (message.role !== "person" && message.answers.length > 0 && message.answers.every((id) => ids.has(id))),
  );
}
