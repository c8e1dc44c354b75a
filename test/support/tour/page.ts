import { styleText } from "node:util";

const columns = 100;
const botName = "threadkeeper";

/** One thing that somebody said, as a reader of the tour sees it. */
export interface PrintedLine {
  readonly who: string;
  /** Of Markdown only the lines stay: it is printed as plain text. */
  readonly text: string;
  readonly isInThread?: boolean;
  /** Nobody else sees it. */
  readonly onlyTo?: string;
}

/** Where the tour is printed. In colour on a terminal, in plain text elsewhere. */
export class Page {
  readonly #stream: NodeJS.WritableStream;
  #last = "";

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  heading(text: string): void {
    this.#print("", this.#styled(["bold", "inverse"], ` ${text} `), "");
  }

  /** What happens, told by nobody in the chat. */
  note(text: string): void {
    const lines = wrapped(text, columns - 4, 0).map((line) => this.#styled(["dim", "italic"], `  ${line}`));
    this.#print("", ...lines, "");
  }

  line({ who, text, isInThread = false, onlyTo }: PrintedLine): void {
    const margin = isInThread ? `  ${this.#styled(["dim"], "│")} ` : "  ";
    const label = onlyTo === undefined ? `${who}:` : `${who} (only to ${onlyTo}):`;
    const room = columns - (isInThread ? 6 : 4);
    const [first = "", ...rest] = plain(text).flatMap((paragraph, index) =>
      wrapped(paragraph, room, index === 0 ? label.length : 0),
    );
    const style = onlyTo === undefined ? (who === botName ? "green" : "cyan") : "yellow";
    this.#print(`${margin}${this.#styled(["bold", style], label)} ${first}`);
    for (const line of rest) this.#print(`${margin}  ${line}`);
  }

  #print(...lines: readonly string[]): void {
    for (const line of lines) {
      // One blank line is enough between a heading and a note.
      if (line === "" && this.#last === "") continue;
      this.#stream.write(`${line}\n`);
      this.#last = line;
    }
  }

  #styled(styles: Parameters<typeof styleText>[0], text: string): string {
    return styleText(styles, text, { stream: this.#stream });
  }
}

/** What the bot says, in its name. */
export function byBot(line: Omit<PrintedLine, "who">): PrintedLine {
  return { ...line, who: botName };
}

function plain(markdown: string): readonly string[] {
  return markdown
    .replaceAll("**", "")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

/** Breaks between words; the first line begins further right. */
function wrapped(text: string, room: number, offset: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const taken = lines.length === 0 ? offset : 0;
    if (line !== "" && taken + line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
