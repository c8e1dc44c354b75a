/** Replaces U+0000 and unpaired surrogates, which Postgres can't store and nobody sees. */
export function storable(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "\uFFFD");
  return Array.isArray(value) ? value.map(storable) : value;
}

/** What `storable` replaces, as JSON escapes it. May also match what a person wrote like that. */
const unstorable = /\\u(?:0000|d[89a-f])/u;

/** JSON that Postgres can read. */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  // The search for a text is much faster.
  if (!text.includes("\\u") || !unstorable.test(text)) return text;
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "string" ? storable(each) : each));
}
