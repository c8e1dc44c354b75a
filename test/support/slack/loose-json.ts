// Reading values of which nothing is known yet.

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Empty for what is no text. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
