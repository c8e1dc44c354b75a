/** The value as an object; empty if it is none. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object has fields of unknown types
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The value as a list; empty if it is none. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a text; "" if it is none. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
