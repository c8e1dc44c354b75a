/** Follows Markdown's code through a text: fences, and spans within a line. */
export class CodeSpans {
  #fence = "";
  /** Length of the run of backticks that opened a span; 0: none is open. */
  #span = 0;
  #isLineStart = true;
  #indent = 0;
  #last = "";

  get isInside(): boolean {
    return this.#fence !== "" || this.#span > 0;
  }

  /** Only white space stands before on the line. */
  get isLineStart(): boolean {
    return this.#isLineStart;
  }

  /** So much white space stands before on the line that Markdown takes it for code. */
  get isIndented(): boolean {
    return this.#indent >= 4;
  }

  /** The last character that passed; "" before the first. */
  get last(): string {
    return this.#last;
  }

  /** Length of a run of backticks or tildes at the beginning of the text; 0: there is none, -1: it may go on. */
  lengthAt(text: string, isLast: boolean): number {
    const run = /^(?:`+|~+|\n)/u.exec(text)?.[0].length ?? 0;
    return run === text.length && run > 0 && !isLast && text !== "\n" ? -1 : run;
  }

  /** A run as a whole, a line's end, or text without either. */
  pass(text: string): void {
    const [first = ""] = text;
    this.#last = text.at(-1) ?? this.#last;
    if (first === "`" || first === "~") this.#passRun(text, first);
    if (text === "\n") {
      this.#isLineStart = true;
      this.#indent = 0;
      this.#span = 0;
    } else if (text.trim() !== "") this.#isLineStart = false;
    else if (this.#isLineStart) this.#indent += text.length;
  }

  reset(): void {
    this.#fence = "";
    this.#span = 0;
    this.#isLineStart = true;
    this.#indent = 0;
  }

  #passRun(run: string, first: string): void {
    const isFence = this.#isLineStart && run.length >= 3;
    if (this.#fence !== "") {
      if (isFence && run.startsWith(this.#fence)) this.#fence = "";
    } else if (isFence) this.#fence = run;
    else if (first === "`" && this.#span === 0) this.#span = run.length;
    else if (first === "`" && this.#span === run.length) this.#span = 0;
  }
}
