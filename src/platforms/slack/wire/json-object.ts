/** A part of a body from Slack without a fixed schema: any field may be missing or of another type. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An empty object for any other value. */
export function asObject(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}

/** The objects among the first `max` items of a list. Empty for any other value. */
export function objectsIn(value: unknown, max: number): readonly JsonObject[] {
  return Array.isArray(value) ? value.slice(0, max).filter(isRecord) : [];
}

/** A string or a number as text; "" for any other value. */
export function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
