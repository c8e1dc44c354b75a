import type { OfficePackage } from "../office/office-package.ts";
import { attribute } from "../office/read-xml.ts";

/** Excel allows 65,490. */
const maxStyles = 100_000;
const dayMs = 86_400_000;
/** 9999-12-31, the last day that Excel knows. */
const lastDay = 2_958_465;
/** The formats of dates and times that every workbook has, in some languages or in all. */
const builtIn: readonly (readonly [first: number, last: number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/** Which styles of cells show a number as a date, by the number of the style. */
export async function readDateStyles(
  file: OfficePackage,
  path: string | undefined,
): Promise<readonly boolean[]> {
  const own = new Map<string, boolean>();
  const styles: boolean[] = [];
  let isInCells = false;
  if (path === undefined) return styles;
  await file.read(path, {
    onOpen: (name, attributes) => {
      const id = attribute(attributes, "numFmtId") ?? "";
      if (name === "cellXfs") isInCells = true;
      if (name === "numFmt" && own.size < maxStyles)
        own.set(id, isDateFormat(attribute(attributes, "formatCode") ?? ""));
      if (name !== "xf" || !isInCells || styles.length >= maxStyles) return;
      const isKnown = builtIn.some(([first, last]) => Number(id) >= first && Number(id) <= last);
      styles.push(own.get(id) ?? isKnown);
    },
    onClose: (name) => {
      if (name === "cellXfs") isInCells = false;
    },
  });
  return styles;
}

/** Whether a format has parts of dates or times outside of quotes and brackets. */
function isDateFormat(format: string): boolean {
  const unquoted = format
    .slice(0, 255)
    .split('"')
    .filter((_, index) => index % 2 === 0);
  const [positive = ""] = unquoted
    .join("")
    .replaceAll(/[\\_]./gu, "")
    .replaceAll(/\[[^[\]]*\]/gu, "")
    .split(";");
  return /[ymdhs]/iu.test(positive) && !/general/iu.test(positive);
}

/** A date of a workbook as ISO 8601: `2026-11-28`, `2026-11-28 13:05`, or `13:05` without a day. Undefined: it is none. */
export function dateFromSerial(serial: number, isFrom1904: boolean): string | undefined {
  if (!(serial >= 0) || serial > lastDay) return undefined;
  // Excel counts a 29 February 1900 that never was. No date before it is right, in any program.
  const epochMs = isFrom1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const iso = new Date(epochMs + Math.round((serial * dayMs) / 1_000) * 1_000).toISOString();
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 19).replace(/:00$/u, "")];
  if (serial < 1) return time;
  return Number.isInteger(serial) ? day : `${day} ${time}`;
}
