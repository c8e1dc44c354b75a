import {
  delimiterRow,
  divider,
  fenceStart,
  heading,
  interrupts,
  itemMarker,
  underline,
} from "./block-starts.ts";
import { Columns, type Cursor } from "./columns.ts";
import { endOfHtml } from "./html-blocks.ts";
import type { Container, LineKind, MarkdownLine } from "./markdown-line.ts";
import { cellsOf } from "./table-cells.ts";

/** The code block that is open at the end of a text. */
interface OpenFence {
  readonly marker: string;
  /** Its first line. */
  readonly line: number;
}

interface MarkdownLines {
  readonly lines: readonly MarkdownLine[];
  /** Missing: none is open. */
  readonly fence?: OpenFence;
}

/** Of quotes and lists in each other. What is deeper counts as text, so that time stays linear. */
const maxDepth = 30;

/**
 * The lines of a text (none after its last line break), as CommonMark 0.31 with GitHub's tables reads them, apart from link definitions: these
 * count as text. Linear time.
 */
export function readMarkdown(text: string): MarkdownLines {
  const reader = new LineReader(text);
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from);
    const to = end === -1 ? text.length : end;
    reader.read(from, to);
    from = to + 1;
  }
  return reader.result;
}

/** What the next line of a block in these quotes and lists begins with. */
export function prefixOf(containers: readonly Container[]): string {
  return containers.map((each) => (each.kind === "quote" ? "> " : " ".repeat(each.indent))).join("");
}

class LineReader {
  readonly #text: string;
  readonly #columns: Columns;
  readonly #lines: MarkdownLine[] = [];
  #containers: readonly Container[] = [];
  #leaf: "none" | "text" | "table" = "none";
  #fence: OpenFence | undefined;
  /** What ends the open HTML block. */
  #htmlEnd: RegExp | undefined;
  /** Whether the deepest item has only its marker so far: a blank line ends it. */
  #isEmptyItem = false;

  constructor(text: string) {
    this.#text = text;
    this.#columns = new Columns(text);
  }

  get result(): MarkdownLines {
    const fence = this.#fence;
    return { lines: this.#lines, ...(fence === undefined ? {} : { fence }) };
  }

  read(from: number, to: number): void {
    const cursor = { at: from, column: 0 };
    const matched = this.#enter(cursor, to);
    const add = (kind: LineKind, isContinued = false): void => {
      this.#lines.push({ kind, from, content: cursor.at, to, isContinued, containers: this.#containers });
    };
    const isInside = matched === this.#containers.length;
    const open = isInside ? this.#readOpen(cursor, to) : undefined;
    if (open !== undefined) return add(open, true);
    this.#fence = undefined;
    this.#htmlEnd = undefined;
    if (this.#columns.visible(cursor.at, to) === to) {
      this.#leave(matched);
      return add("blank");
    }
    const containers = this.#containers.slice(0, matched);
    const isNew = this.#openContainers(containers, cursor, {
      to,
      canInterrupt: !isInside || this.#leaf !== "text",
    });
    const isContinued = !isNew && (this.#leaf === "text" || (this.#leaf === "table" && isInside));
    const kind = this.#kindOf(cursor, to, { isContinued, isInside: isInside && !isNew });
    // The text of a paragraph may go on without the markers of its quotes and lists.
    const isLazy = kind === "text" && isContinued;
    if (!isLazy && (isNew || !isInside)) this.#containers = containers;
    add(kind, isContinued && (kind === "text" || kind === "row"));
    this.#settle(kind, cursor, { to, isNew });
  }

  /** Goes past the markers of the open quotes and lists. Resolves to the number that go on in this line. */
  #enter(cursor: Cursor, to: number): number {
    let visible = this.#columns.visible(cursor.at, to);
    for (const [depth, container] of this.#containers.entries()) {
      if (container.kind === "quote") {
        if (this.#text.charAt(visible) !== ">" || this.#columns.indent(cursor, visible) > 3) return depth;
        this.#columns.pass(cursor, visible + 1);
        this.#columns.skip(cursor, 1, to);
        visible = this.#columns.visible(cursor.at, to);
      } else if (visible === to) {
        if (this.#isEmptyItem && depth === this.#containers.length - 1) return depth;
      } else {
        if (this.#columns.indent(cursor, visible) < container.indent) return depth;
        this.#columns.skip(cursor, container.indent, to);
      }
    }
    return this.#containers.length;
  }

  /** Opens the quotes and lists that begin in this line. Whether there are any. */
  #openContainers(
    containers: Container[],
    cursor: Cursor,
    { to, canInterrupt }: { readonly to: number; readonly canInterrupt: boolean },
  ): boolean {
    let isNew = false;
    while (containers.length < maxDepth) {
      const start = this.#columns.visible(cursor.at, to);
      const indent = this.#columns.indent(cursor, start);
      if (indent > 3 || start === to) return isNew;
      if (this.#text.charAt(start) === ">") {
        containers.push({ kind: "quote" });
        this.#columns.pass(cursor, start + 1);
        this.#columns.skip(cursor, 1, to);
      } else {
        const rest = this.#text.slice(start, to);
        const item = itemMarker.exec(rest);
        if (item === null || divider.test(rest)) return isNew;
        if (!isNew && !canInterrupt && !interrupts(item, rest)) return isNew;
        this.#columns.pass(cursor, start + item[0].length);
        const content = this.#columns.visible(cursor.at, to);
        const spaces = this.#columns.indent(cursor, content);
        const isWide = spaces > 4 || content === to;
        this.#columns.skip(cursor, isWide ? 1 : spaces, to);
        containers.push({ kind: "item", indent: indent + item[0].length + (isWide ? 1 : spaces) });
      }
      isNew = true;
    }
    return isNew;
  }

  #kindOf(
    cursor: Cursor,
    to: number,
    { isContinued, isInside }: { readonly isContinued: boolean; readonly isInside: boolean },
  ): LineKind {
    const start = this.#columns.visible(cursor.at, to);
    const isText = isContinued && this.#leaf === "text";
    if (this.#columns.indent(cursor, start) > 3) return isText ? "text" : "code";
    const rest = this.#text.slice(start, to);
    if (isText && isInside && underline.test(rest)) return "underline";
    if (divider.test(rest)) return "divider";
    if (heading.test(rest)) return "heading";
    if (fenceStart.test(rest)) return "fence";
    if (endOfHtml(rest, isText) !== undefined) return "html";
    if (isContinued && this.#leaf === "table") return "row";
    if (isText && isInside && this.#isDelimiter(rest.trimEnd())) return "delimiter";
    return "text";
  }

  #isDelimiter(row: string): boolean {
    const header = this.#lines.at(-1);
    if (header === undefined || !/[|:]/u.test(row) || !delimiterRow.test(row)) return false;
    return cellsOf(this.#text.slice(header.content, header.to)).length === cellsOf(row).length;
  }

  #settle(
    kind: LineKind,
    cursor: Cursor,
    { to, isNew }: { readonly to: number; readonly isNew: boolean },
  ): void {
    this.#leaf = "none";
    const start = this.#columns.visible(cursor.at, to);
    const rest = this.#text.slice(start, to);
    this.#isEmptyItem = isNew && rest === "";
    if (kind === "text" && rest !== "") this.#leaf = "text";
    if (kind === "row" || kind === "delimiter") this.#leaf = "table";
    const header = this.#lines.at(-2);
    if (kind === "delimiter" && header !== undefined)
      this.#lines.splice(-2, 1, { ...header, kind: "header" });
    if (kind === "fence")
      this.#fence = { marker: fenceStart.exec(rest)?.[0] ?? "", line: this.#lines.length - 1 };
    const end = kind === "html" ? endOfHtml(rest, false) : undefined;
    this.#htmlEnd = end?.test(rest) === true ? undefined : end;
  }

  /** A line of the open code block or HTML block. Undefined: none is open, or it has ended before. */
  #readOpen(cursor: Cursor, to: number): LineKind | undefined {
    if (this.#fence !== undefined) return this.#readCode(this.#fence, cursor, to);
    if (this.#htmlEnd === undefined) return undefined;
    const isEnd = this.#htmlEnd.test(this.#text.slice(cursor.at, to));
    if (isEnd) this.#htmlEnd = undefined;
    return isEnd && this.#columns.visible(cursor.at, to) === to ? undefined : "html";
  }

  /** A line of an open code block. */
  #readCode({ marker }: OpenFence, cursor: Cursor, to: number): LineKind {
    const start = this.#columns.visible(cursor.at, to);
    const rest = this.#text.slice(start, to).trimEnd();
    const isEnd = rest.startsWith(marker) && rest === marker.charAt(0).repeat(rest.length);
    if (!isEnd || this.#columns.indent(cursor, start) > 3) return "code";
    this.#fence = undefined;
    this.#leaf = "none";
    return "fence";
  }

  #leave(depth: number): void {
    this.#leaf = "none";
    this.#isEmptyItem = false;
    if (depth < this.#containers.length) this.#containers = this.#containers.slice(0, depth);
  }
}
