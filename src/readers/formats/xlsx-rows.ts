import { maxChars } from "../text/limits.ts";
import { attribute, type Attributes, type XmlHandler } from "../office/read-xml.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import { tableRow, tableRule } from "../text/table-rows.ts";
import { Unreadable } from "../text/unreadable.ts";
import { dateFromSerial } from "./xlsx-dates.ts";

/** What the value of a cell refers to. */
export interface CellContext {
  readonly strings: readonly string[];
  readonly dates: readonly boolean[];
  readonly isFrom1904: boolean;
}

/** Excel has no more. */
const maxColumns = 16_384;

/** Writes the rows of one sheet while its XML arrives. */
export class SheetRows implements XmlHandler {
  readonly #out: BoundedText;
  readonly #context: CellContext;
  #cells: string[] = [];
  #type = "n";
  #isDate = false;
  #value = "";
  /** Inside of how many elements with a value or a text. */
  #values = 0;
  #hasHeader = false;

  constructor(out: BoundedText, context: CellContext) {
    this.#out = out;
    this.#context = context;
  }

  readonly onOpen = (name: string, attributes: Attributes): void => {
    if (name === "c") this.#openCell(attributes);
    if (name === "v" || name === "t") this.#values += 1;
  };

  readonly onText = (text: string): void => {
    if (this.#values === 0) return;
    this.#value += text;
    if (this.#value.length > maxChars) this.#out.add(this.#value);
  };

  readonly onClose = (name: string): void => {
    if (name === "v" || name === "t") this.#values -= 1;
    if (name === "c") this.#cells.push(this.#shown());
    if (name === "row") this.#endRow();
  };

  #openCell(attributes: Attributes): void {
    const column = columnOf(attribute(attributes, "r") ?? "") ?? this.#cells.length;
    if (column >= maxColumns || column < this.#cells.length) throw new Unreadable("broken");
    while (this.#cells.length < column) this.#cells.push("");
    this.#type = attribute(attributes, "t") ?? "n";
    this.#isDate = this.#context.dates[Number(attribute(attributes, "s") ?? -1)] ?? false;
    this.#value = "";
  }

  #shown(): string {
    const value = this.#value;
    switch (this.#type) {
      case "s":
        // Beyond what is kept, or a reference to nothing.
        return value === "" ? "" : (this.#context.strings[Number(value)] ?? "…");
      case "b":
        return value === "1" ? "TRUE" : "FALSE";
      case "n":
        return this.#number(value);
      default:
        return value;
    }
  }

  #number(value: string): string {
    const number = Number(value);
    if (value === "" || Number.isNaN(number)) return value;
    const date = this.#isDate ? dateFromSerial(number, this.#context.isFrom1904) : undefined;
    // As Excel shows it: 0.1 + 0.2 is stored as 0.30000000000000004.
    return date ?? (value.length > 15 ? String(Number(number.toPrecision(15))) : value);
  }

  #endRow(): void {
    const cells = this.#cells;
    this.#cells = [];
    while (cells.at(-1) === "") cells.pop();
    if (cells.length === 0) return this.#out.checkTime();
    this.#out.add(`${tableRow(cells)}\n`);
    if (!this.#hasHeader) this.#out.add(`${tableRule(cells.length)}\n`);
    this.#hasHeader = true;
  }
}

/** The column of a reference such as `AB12`, from 0. Undefined: it names none. */
function columnOf(reference: string): number | undefined {
  const [, letters] = /^([A-Z]{1,3})\d/iu.exec(reference) ?? [];
  if (letters === undefined) return undefined;
  return Buffer.from(letters.toUpperCase()).reduce((sum, code) => sum * 26 + code - 64, 0) - 1;
}
