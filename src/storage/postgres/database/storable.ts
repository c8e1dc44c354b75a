/** Replaces U+0000 and unpaired surrogates, which Postgres can't store and nobody sees. */
export function storable(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "\uFFFD");
  return Array.isArray(value) ? value.map(storable) : value;
}

/** JSON that Postgres can read. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "string" ? storable(each) : each));
}
