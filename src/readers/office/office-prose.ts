import type { BoundedText } from "../text/bounded-text.ts";
import { Prose } from "../text/prose.ts";
import type { Relationships } from "./office-package.ts";
import { attribute, type Attributes, type XmlHandler } from "./read-xml.ts";

/** What a document or a slide writes in its own way. */
interface OwnElements {
  /** True: the element and all in it is left out. */
  readonly onOpen: (name: string, attributes: Attributes, prose: Prose) => boolean;
  readonly onClose?: (name: string, prose: Prose) => void;
}

/** `Fallback` repeats what is beside it; the others were deleted or moved away, or say how a word is pronounced. */
const leftOut = new Set(["Fallback", "del", "moveFrom", "rPh"]);

/** Reads what the XML of documents and slides has in common: `p`, `t`, `br`, `tbl`, `tr`, `tc` and links. */
export class OfficeProse implements XmlHandler {
  readonly #prose: Prose;
  readonly #own: OwnElements;
  readonly #relationships: Relationships;
  /** How many elements that are left out are open. */
  #leftOut = 0;
  #texts = 0;
  /** Of the `hyperlink` elements that are open. */
  readonly #links: string[] = [];
  /** Slides name a link inside of the run that it belongs to. */
  #linkOfRun = "";

  constructor(out: BoundedText, relationships: Relationships, own: OwnElements) {
    this.#prose = new Prose(out);
    this.#relationships = relationships;
    this.#own = own;
  }

  readonly onOpen = (name: string, attributes: Attributes): void => {
    if (this.#leftOut > 0 || leftOut.has(name) || this.#own.onOpen(name, attributes, this.#prose)) {
      this.#leftOut += 1;
      return;
    }
    this.#open(name, attributes);
  };

  readonly onText = (text: string): void => {
    if (this.#texts > 0 && this.#leftOut === 0) this.#prose.write(text);
  };

  readonly onClose = (name: string): void => {
    if (this.#leftOut > 0) {
      this.#leftOut -= 1;
      return;
    }
    this.#own.onClose?.(name, this.#prose);
    this.#close(name);
  };

  /** What no paragraph has ended. */
  end(): void {
    this.#prose.endParagraph();
  }

  #open(name: string, attributes: Attributes): void {
    switch (name) {
      case "t":
        this.#texts += 1;
        return;
      case "tab":
        return this.#prose.write(" ");
      case "br":
      case "cr":
        return this.#prose.write("\n");
      case "noBreakHyphen":
        return this.#prose.write("-");
      case "tbl":
        return this.#prose.openTable();
      case "hyperlink":
        this.#links.push(this.#addressOf(attributes));
        return;
      case "hlinkClick":
        this.#linkOfRun = this.#addressOf(attributes);
        return;
      case "docPr":
        return this.#writeImage(attribute(attributes, "descr"));
    }
  }

  #close(name: string): void {
    switch (name) {
      case "t":
        this.#texts -= 1;
        return;
      case "p":
        return this.#prose.endParagraph();
      case "tc":
        return this.#prose.endCell();
      case "tr":
        return this.#prose.endRow();
      case "tbl":
        return this.#prose.closeTable();
      case "hyperlink":
        return this.#prose.writeAddress(this.#links.pop() ?? "");
      case "r":
        this.#prose.writeAddress(this.#linkOfRun);
        this.#linkOfRun = "";
        return;
    }
  }

  #addressOf(attributes: Attributes): string {
    return this.#relationships.get(attribute(attributes, "id") ?? "")?.target ?? "";
  }

  #writeImage(description: string | undefined): void {
    const text = description?.trim() ?? "";
    if (text !== "") this.#prose.write(`[image: ${text}]`);
  }
}
