import { targetOfType, type OfficePackage, type Relationships } from "../office/office-package.ts";
import { attribute, type Attributes } from "../office/read-xml.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import { readDateStyles } from "./xlsx-dates.ts";
import { readSharedStrings } from "./xlsx-strings.ts";
import { SheetRows, type CellContext } from "./xlsx-rows.ts";

interface Sheet {
  readonly name: string;
  readonly isHidden: boolean;
  readonly path: string;
}

/** Reads a workbook: each sheet as a table, whose first row is its header. Formulas as their last results. @throws {Unreadable} */
export async function readXlsx(file: OfficePackage, main: string, out: BoundedText): Promise<void> {
  const relationships = await file.relationships(main);
  const { sheets, isFrom1904 } = await readWorkbook(file, main, relationships);
  const context: CellContext = {
    strings: await readSharedStrings(file, targetOfType(relationships, "sharedStrings")),
    dates: await readDateStyles(file, targetOfType(relationships, "styles")),
    isFrom1904,
  };
  for (const { name, isHidden, path } of sheets) {
    out.mark(`\n## Sheet: ${name}${isHidden ? " (hidden)" : ""}\n\n`);
    await file.read(path, new SheetRows(out, context));
  }
}

async function readWorkbook(
  file: OfficePackage,
  main: string,
  relationships: Relationships,
): Promise<{ readonly sheets: readonly Sheet[]; readonly isFrom1904: boolean }> {
  const sheets: Sheet[] = [];
  let isFrom1904 = false;
  await file.read(main, {
    onOpen: (name, attributes) => {
      if (name === "workbookPr") isFrom1904 = isTrue(attribute(attributes, "date1904"));
      const found = name === "sheet" ? sheetOf(attributes, relationships) : undefined;
      if (found !== undefined) sheets.push(found);
    },
  });
  return { sheets, isFrom1904 };
}

function sheetOf(attributes: Attributes, relationships: Relationships): Sheet | undefined {
  const target = relationships.get(attribute(attributes, "id") ?? "");
  // Charts and macros are sheets of other types.
  if (target?.type !== "worksheet") return undefined;
  return {
    name: attribute(attributes, "name") ?? "",
    isHidden: (attribute(attributes, "state") ?? "visible") !== "visible",
    path: target.target,
  };
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true";
}
