// Reads values of unknown type.

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** "" for any other value. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
