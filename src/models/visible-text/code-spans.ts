/** Tracks Markdown code in a text: fences, and spans inside a line. */
export class CodeSpans {
  #fence = "";
  /** Length of the backtick run that opened the current span; 0: none. */
  #span = 0;
  #isLineStart = true;
  #indent = 0;
  #last = "";

  get isInside(): boolean {
    return this.#fence !== "" || this.#span > 0;
  }

  /** The line has only white space so far. */
  get isLineStart(): boolean {
    return this.#isLineStart;
  }

  /** The line is indented far enough to be Markdown code. */
  get isIndented(): boolean {
    return this.#indent >= 4;
  }

  /** The last character; "" before the first. */
  get last(): string {
    return this.#last;
  }

  /** Length of the run of backticks or tildes at the start of the text; 0: none, -1: it may continue. */
  lengthAt(text: string, isLast: boolean): number {
    const run = /^(?:`+|~+|\n)/u.exec(text)?.[0].length ?? 0;
    return run === text.length && run > 0 && !isLast && text !== "\n" ? -1 : run;
  }

  /** Advances over a complete run, a line break, or text without either. */
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
