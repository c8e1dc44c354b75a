/** A part of what Slack sends, whose form only Slack knows: anything may be missing, or be something else. */
export type Loose = Readonly<Record<string, unknown>>;

/** Empty for what is no object. */
export function recordOf(value: unknown): Loose {
  return isRecord(value) ? value : {};
}

/** The objects of a list, at most so many. Empty for what is no list. */
export function recordsIn(value: unknown, most: number): readonly Loose[] {
  return Array.isArray(value) ? value.slice(0, most).filter(isRecord) : [];
}

/** Empty for what is no text and no number. */
export function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

function isRecord(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
