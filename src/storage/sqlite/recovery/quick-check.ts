import type { DamagedFile } from "./damaged-file.ts";
import { rowsIn } from "./rows-in.ts";

const schemaRoot = 1;

/**
 * What can be seen to be wrong with a database without reading all of it: its schema, the first page of each table and
 * index, and its length. Undefined: nothing. Costs by the size of the schema.
 */
export function faultAtFirstGlance(file: DamagedFile): string | undefined {
  if (file.version === undefined) return "file is not a database";
  if (file.isShorterThanItSays()) return "it was cut short";
  let isWhole = true;
  const lose = (): void => {
    isWhole = false;
  };
  for (const { values } of rowsIn(file, schemaRoot, lose)) {
    const root = Number(values[3]);
    if (root > 0 && !file.isTreePage(root)) lose();
  }
  return isWhole ? undefined : "its schema can't be read";
}
