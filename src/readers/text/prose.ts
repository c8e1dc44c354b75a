import { maxChars } from "./limits.ts";
import type { BoundedText } from "./bounded-text.ts";
import { tableRow, tableRule } from "./table-rows.ts";

interface OpenTable {
  readonly cells: string[];
  /** What stands before the table in its paragraph or outer cell. */
  readonly before: string;
  hasHeader: boolean;
}

const addresses = /^(?:https?|mailto|ftp):\S+$/iu;

/**
 * Puts together paragraphs, headings, lists and tables. A table in a cell becomes a part of the cell's text. A paragraph or
 * row that is longer than all that fits is handed on at once, so that memory stays bounded.
 */
export class Prose {
  readonly #out: BoundedText;
  readonly #tables: OpenTable[] = [];
  #line = "";
  #isInList = false;
  /** Before the text of the current paragraph, such as `# `. */
  prefix = "";

  constructor(out: BoundedText) {
    this.#out = out;
  }

  write(text: string): void {
    this.#line += text;
    if (this.#line.length > maxChars) this.#out.add(this.#line);
  }

  /** Writes the address of a link behind its text. Only what can be opened by a person. */
  writeAddress(address: string): void {
    if (addresses.test(address) && address.length < 2_000 && !this.#line.endsWith(address))
      this.write(` (${address})`);
  }

  endParagraph(): void {
    const text = this.#line.trim();
    if (this.#tables.length > 0) {
      if (text !== "" && !this.#line.endsWith("\n")) this.write("\n");
    } else {
      if (text !== "") this.#addParagraph(text);
      else this.#out.checkTime();
      this.#line = "";
    }
    this.prefix = "";
  }

  openTable(): void {
    if (this.#tables.length === 0) {
      this.endParagraph();
      this.#endList();
    }
    this.#tables.push({ cells: [], before: this.#line, hasHeader: false });
    this.#line = "";
  }

  endCell(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return this.endParagraph();
    table.cells.push(this.#line.trim());
    this.#line = "";
  }

  endRow(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return this.endParagraph();
    const cells = table.cells.splice(0);
    if (cells.every((cell) => cell === "")) return this.#out.checkTime();
    const [outer] = this.#tables;
    if (outer !== table && outer !== undefined) {
      this.#tables[this.#tables.length - 1] = { ...table, before: `${table.before} ${cells.join("; ")}` };
      return;
    }
    this.#out.add(`${tableRow(cells)}\n`);
    if (!table.hasHeader) this.#out.add(`${tableRule(cells.length)}\n`);
    table.hasHeader = true;
  }

  closeTable(): void {
    const table = this.#tables.pop();
    if (table === undefined) return;
    this.#line = table.before;
    if (this.#tables.length === 0) this.#out.add("\n");
    else if (this.#line.length > maxChars) this.#out.add(this.#line);
  }

  #addParagraph(text: string): void {
    const isItem = this.prefix.endsWith("- ");
    if (!isItem) this.#endList();
    this.#isInList = isItem;
    this.#out.add(`${this.prefix}${text}${isItem ? "\n" : "\n\n"}`);
  }

  #endList(): void {
    if (this.#isInList) this.#out.add("\n");
    this.#isInList = false;
  }
}
