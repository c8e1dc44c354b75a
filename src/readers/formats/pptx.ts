import { maxPages } from "../text/limits.ts";
import { targetOfType, type OfficePackage } from "../office/office-package.ts";
import { OfficeProse } from "../office/office-prose.ts";
import { attribute, type Attributes } from "../office/read-xml.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import type { Prose } from "../text/prose.ts";
import type { Pages } from "../text/pages.ts";

/** Placeholders that repeat on every slide. */
const repeated = new Set(["sldNum", "dt", "ftr", "hdr", "sldImg"]);
const titles = new Set(["title", "ctrTitle"]);

/** Reads a presentation, slide by slide, each with its notes. @throws {Unreadable} */
export async function readPptx(
  file: OfficePackage,
  main: string,
  { out, pages }: { readonly out: BoundedText; readonly pages: Pages },
): Promise<void> {
  const slides = await slidesOf(file, main);
  pages.total = slides.length;
  for (const [index, path] of slides.entries()) {
    if (index >= maxPages) out.stop();
    pages.read = index + 1;
    out.mark(`\n[slide ${index + 1}]\n`);
    await readSlide(file, path, out);
    const notes = targetOfType(await file.relationships(path), "notesSlide");
    if (notes !== undefined) await readNotes(file, notes, out);
  }
}

/** The paths of the slides, in the order of the presentation. */
async function slidesOf(file: OfficePackage, main: string): Promise<readonly string[]> {
  const relationships = await file.relationships(main);
  const slides: string[] = [];
  await file.read(main, {
    onOpen: (name, attributes) => {
      if (name !== "sldId") return;
      const slide = relationships.get(attributes["r:id"] ?? "");
      if (slide?.type === "slide") slides.push(slide.target);
    },
  });
  return slides;
}

async function readSlide(file: OfficePackage, path: string, out: BoundedText): Promise<void> {
  let isTitle = false;
  let isWanted = true;
  const prose = new OfficeProse(out, await file.relationships(path), {
    onOpen: (name, attributes, into) => {
      if (name === "sp") [isTitle, isWanted] = [false, true];
      if (name === "ph") {
        const type = attribute(attributes, "type") ?? "";
        [isTitle, isWanted] = [titles.has(type), !repeated.has(type)];
      }
      if (name === "p" && isTitle) into.prefix = "# ";
      if (name === "pPr") indent(attributes, into);
      return name === "txBody" && !isWanted;
    },
  });
  await file.read(path, prose);
  prose.end();
}

async function readNotes(file: OfficePackage, path: string, out: BoundedText): Promise<void> {
  let isWanted = true;
  let isFirst = true;
  const prose = new OfficeProse(out, await file.relationships(path), {
    onOpen: (name, attributes, into) => {
      if (name === "sp") isWanted = true;
      if (name === "ph") isWanted = !repeated.has(attribute(attributes, "type") ?? "");
      if (name !== "txBody") return false;
      if (isWanted && isFirst) into.write("Notes: ");
      isFirst &&= !isWanted;
      return !isWanted;
    },
  });
  await file.read(path, prose);
  prose.end();
}

function indent(attributes: Attributes, prose: Prose): void {
  const level = Number(attribute(attributes, "lvl") ?? 0);
  if (level > 0 && level < 9) prose.prefix = `${"  ".repeat(level)}- `;
}
