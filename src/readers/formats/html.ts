import { Parser } from "htmlparser2";

import { maxDepth } from "../text/limits.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import { Prose } from "../text/prose.ts";
import { Unreadable } from "../text/unreadable.ts";

const pieceChars = 65_536;
/** They hold no text of the page. `noscript`, `title` and the like do. */
const leftOut = new Set(["script", "style", "template", "svg", "math", "iframe", "object", "select"]);
const blocks = new Set(
  "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol option p pre section summary title ul".split(
    " ",
  ),
);

/** Reads a page: its text with headings, lists, tables and the addresses of links. @throws {Unreadable} */
export function readHtml(html: string, out: BoundedText): void {
  const page = new Page(out);
  const parser = new Parser(page);
  for (let at = 0; at < html.length; at += pieceChars) {
    out.checkTime();
    parser.write(html.slice(at, at + pieceChars));
  }
  parser.end();
  page.end();
}

class Page {
  readonly #prose: Prose;
  #depth = 0;
  #leftOut = 0;
  #pre = 0;
  readonly #links: string[] = [];
  #endsWithSpace = true;

  constructor(out: BoundedText) {
    this.#prose = new Prose(out);
  }

  onopentag(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new Unreadable("broken");
    if (this.#leftOut > 0 || leftOut.has(name)) {
      this.#leftOut += 1;
      return;
    }
    if (blocks.has(name)) this.#endBlock();
    if (/^h[1-6]$/u.test(name)) this.#prose.prefix = `${"#".repeat(Number(name[1]))} `;
    this.#open(name, attributes);
  }

  ontext(text: string): void {
    if (this.#leftOut > 0) return;
    const shown = this.#pre > 0 ? text : text.replaceAll(/[ \t\r\n\f]+/gu, " ");
    this.#write(this.#endsWithSpace && this.#pre === 0 ? shown.replace(/^ /u, "") : shown);
  }

  onclosetag(name: string): void {
    this.#depth -= 1;
    if (this.#leftOut > 0) {
      this.#leftOut -= 1;
      return;
    }
    this.#close(name);
    if (blocks.has(name)) this.#endBlock();
  }

  end(): void {
    this.#endBlock();
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case "br":
        return this.#write("\n");
      case "li":
        this.#prose.prefix = "- ";
        return;
      case "pre":
        this.#pre += 1;
        return;
      case "a":
        this.#links.push(attributes["href"] ?? "");
        return;
      case "img":
        if ((attributes["alt"] ?? "").trim() !== "") this.#write(`[image: ${attributes["alt"]}]`);
        return;
      case "table":
        this.#prose.openTable();
        this.#endsWithSpace = true;
        return;
    }
  }

  #close(name: string): void {
    switch (name) {
      case "pre":
        this.#pre -= 1;
        return;
      case "a":
        this.#prose.writeAddress(this.#links.pop() ?? "");
        this.#endsWithSpace = false;
        return;
      case "td":
      case "th":
        this.#prose.endCell();
        this.#endsWithSpace = true;
        return;
      case "tr":
        this.#prose.endRow();
        return;
      case "table":
        this.#prose.closeTable();
        this.#endsWithSpace = true;
        return;
    }
  }

  #write(text: string): void {
    if (text === "") return;
    this.#prose.write(text);
    this.#endsWithSpace = /\s$/u.test(text);
  }

  #endBlock(): void {
    this.#prose.endParagraph();
    this.#endsWithSpace = true;
  }
}
