/** The object's fields; none when it is no object. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object has fields of unknown types
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The list's items; none when it is no list. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or "" when it is none. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
