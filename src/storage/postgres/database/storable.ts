/** Postgres has no U+0000 in a text and no half of a pair; what people see of either is nothing. */
export function storable(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "\uFFFD");
  return Array.isArray(value) ? value.map(storable) : value;
}

/** As JSON that Postgres can read. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "string" ? storable(each) : each));
}
