/** A place in a line. */
export interface Cursor {
  at: number;
  /** Tabs go on to the next multiple of four. */
  column: number;
}

/** Counts the columns of white space in the lines of a text. */
export class Columns {
  readonly #text: string;
  readonly #hasTabs: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#hasTabs = text.includes("\t");
  }

  /** The first character from `at` that is neither space nor tab; `to` if there is none before. */
  visible(at: number, to: number): number {
    let visible = at;
    while (visible < to && " \t\r".includes(this.#text.charAt(visible))) visible += 1;
    return visible;
  }

  /** The columns between the cursor and `at`. */
  indent(cursor: Cursor, at: number): number {
    if (!this.#hasTabs) return at - cursor.at;
    const ahead = { ...cursor };
    this.pass(ahead, at);
    return ahead.column - cursor.column;
  }

  /** Moves the cursor to `at`. */
  pass(cursor: Cursor, at: number): void {
    if (!this.#hasTabs) {
      cursor.column += at - cursor.at;
      cursor.at = at;
    }
    for (; cursor.at < at; cursor.at += 1)
      cursor.column += this.#text.charAt(cursor.at) === "\t" ? 4 - (cursor.column % 4) : 1;
  }
}
