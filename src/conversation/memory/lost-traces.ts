import { eachTrace } from "./traces.ts";
import { TraceTable } from "./trace-table.ts";

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

  remove(text: string): void {
    eachTrace(text, (one, two) => {
      this.#table.drop(one, two);
      return false;
    });
  }

  /** Whether a text repeats any of it. `ordinal`: that of the text; what came later it can't repeat. */
  isRepeatedIn(text: string, ordinal = Infinity): boolean {
    return eachTrace(text, (one, two) => this.#table.sinceOf(one, two) < ordinal);
  }
}
