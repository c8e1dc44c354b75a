import type { OfficePackage } from "../office/office-package.ts";

/**
 * More than what fits into a text. Programs write the strings in the order in which the cells use them, so the beginning of
 * the sheets has its strings.
 */
const maxSharedChars = 8_000_000;
const maxSharedStrings = 1_000_000;

class AllKept extends Error {}

/** The texts that cells refer to by number. */
export async function readSharedStrings(
  file: OfficePackage,
  path: string | undefined,
): Promise<readonly string[]> {
  const strings: string[] = [];
  let chars = 0;
  let current = "";
  let texts = 0;
  let phonetic = 0;
  if (path === undefined) return strings;
  const keep = (): void => {
    strings.push(current);
    if (strings.length > maxSharedStrings) throw new AllKept();
    current = "";
  };
  try {
    await file.read(path, {
      onOpen: (name) => {
        if (name === "t") texts += 1;
        if (name === "rPh") phonetic += 1;
      },
      onText: (text) => {
        if (texts === 0 || phonetic > 0) return;
        current += text;
        chars += text.length;
        if (chars > maxSharedChars) throw new AllKept();
      },
      onClose: (name) => {
        if (name === "t") texts -= 1;
        if (name === "rPh") phonetic -= 1;
        if (name === "si") keep();
      },
    });
  } catch (error) {
    if (!(error instanceof AllKept)) throw error;
  }
  return strings;
}
