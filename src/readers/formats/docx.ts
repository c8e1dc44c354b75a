import type { OfficePackage } from "../office/office-package.ts";
import { OfficeProse } from "../office/office-prose.ts";
import { attribute, type Attributes } from "../office/read-xml.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import type { Prose } from "../text/prose.ts";

/** More are no styles of a person. */
const maxStyles = 10_000;
const maxIndent = 8;

/** What stands before a paragraph of a style, by the id of the style: `## `, or `- ` for a list. */
type Prefixes = ReadonlyMap<string, string>;

/** Reads a text document: the document itself, then its footnotes, endnotes and comments. @throws {Unreadable} */
export async function readDocx(file: OfficePackage, main: string, out: BoundedText): Promise<void> {
  const folder = main.slice(0, main.lastIndexOf("/") + 1);
  const prefixes = await readPrefixes(file, `${folder}styles.xml`);
  await readPart(file, main, { out, prefixes });
  for (const name of ["footnotes", "endnotes", "comments"]) {
    await readPart(file, `${folder}${name}.xml`, { out, prefixes });
  }
}

async function readPrefixes(file: OfficePackage, path: string): Promise<Prefixes> {
  const found = new Map<string, string>();
  let style = "";
  await file.read(path, {
    onOpen: (name, attributes) => {
      if (name === "style") style = attribute(attributes, "styleId") ?? "";
      if (found.size >= maxStyles) return;
      if (name === "numPr" && !found.has(style)) found.set(style, "- ");
      if (name !== "name") return;
      // The name is English in every language; the id is not.
      const [, level] = /^heading (\d)$/iu.exec(attribute(attributes, "val") ?? "") ?? [];
      if (level !== undefined) found.set(style, `${"#".repeat(Math.min(Number(level), 6))} `);
      else if (attribute(attributes, "val") === "Title") found.set(style, "# ");
    },
  });
  return found;
}

async function readPart(
  file: OfficePackage,
  path: string,
  { out, prefixes }: { readonly out: BoundedText; readonly prefixes: Prefixes },
): Promise<void> {
  const prose = new OfficeProse(out, await file.relationships(path), {
    onOpen: (name, attributes, into) => writeOwn(name, attributes, { prose: into, prefixes }),
  });
  await file.read(path, prose);
  prose.end();
}

/** True: the element is left out. */
function writeOwn(
  name: string,
  attributes: Attributes,
  { prose, prefixes }: { readonly prose: Prose; readonly prefixes: Prefixes },
): boolean {
  switch (name) {
    case "pStyle":
      prose.prefix = prefixes.get(attribute(attributes, "val") ?? "") ?? "";
      return false;
    case "numPr":
      if (!prose.prefix.startsWith("#")) prose.prefix = "- ";
      return false;
    case "ilvl":
      if (prose.prefix === "- ") prose.prefix = `${"  ".repeat(levelOf(attributes))}- `;
      return false;
    case "footnoteReference":
    case "endnoteReference":
      prose.write(`[^${attribute(attributes, "id") ?? ""}]`);
      return false;
    case "footnote":
    case "endnote":
      // The lines that separate notes from the text have types.
      if (attribute(attributes, "type") !== undefined) return true;
      prose.write(`[^${attribute(attributes, "id") ?? ""}]: `);
      return false;
    case "comment":
      prose.write(`Comment by ${attribute(attributes, "author") ?? "someone"}: `);
      return false;
    default:
      return false;
  }
}

function levelOf(attributes: Attributes): number {
  const level = Number(attribute(attributes, "val"));
  return Number.isInteger(level) ? Math.max(0, Math.min(level, maxIndent)) : 0;
}
