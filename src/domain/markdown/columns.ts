/** A place in a line. */
export interface Cursor {
  at: number;
  /** Tabs go on to the next multiple of four. A cursor within a tab is before its character. */
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

  /** Moves the cursor over so many columns of white space; where a tab is wider than what is left of them, into the tab. */
  skip(cursor: Cursor, columns: number, to: number): void {
    const column = cursor.column + columns;
    while (cursor.column < column && cursor.at < to && " \t".includes(this.#text.charAt(cursor.at))) {
      const ahead = { ...cursor };
      this.pass(ahead, cursor.at + 1);
      cursor.column = Math.min(column, ahead.column);
      if (ahead.column <= column) cursor.at = ahead.at;
    }
  }
}
