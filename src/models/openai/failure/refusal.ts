import type { APIError } from "openai";

/** The content of an error body of any form. */
export interface Refusal {
  /** Missing: the error came inside a stream. */
  readonly status: number | undefined;
  /** All texts of the body, one line each. */
  readonly words: string;
  /** Single words: codes, types, field names, paths in the request. */
  readonly names: readonly string[];
  /** Number fields by name. */
  readonly numbers: ReadonlyMap<string, number>;
}

const maxChars = 8_000;
const maxCharsOfOne = 2_000;
const maxValues = 300;
/** Fields in which FastAPI and Groq repeat the request or the model's text. */
const repeated: ReadonlySet<string> = new Set(["input", "failed_generation", "ctx", "url"]);

export function refusalIn(error: APIError): Refusal {
  const status: number | undefined = error.status;
  const lines: string[] = [];
  const names: string[] = [];
  const numbers = new Map<string, number>();
  for (const { key, value } of valuesIn(error.error)) {
    if (typeof value === "string") (isName(value) ? names : lines).push(value.slice(0, maxCharsOfOne));
    else if (typeof value === "number" && !numbers.has(key)) numbers.set(key, value);
  }
  // Without JSON the message is the status and the body.
  if (error.error === undefined && !error.message.endsWith("(no body)")) {
    lines.push(error.message.replace(/^\d{3} /u, "").slice(0, maxCharsOfOne));
  }
  return { status, words: lines.join("\n").slice(0, maxChars), names, numbers };
}

function isName(text: string): boolean {
  return /^[\w.[\]:-]{1,100}$/u.test(text);
}

interface Value {
  readonly key: string;
  readonly value: unknown;
}

/** Breadth first: outer values come before nested ones. */
function valuesIn(body: unknown): readonly Value[] {
  const values: Value[] = [{ key: "", value: body }];
  for (let at = 0; at < values.length && values.length < maxValues; at += 1) {
    const { key, value } = values[at] ?? { key: "", value: "" };
    if (typeof value !== "object" || value === null) continue;
    if (key === "loc" && Array.isArray(value)) values.push({ key, value: value.map(String).join(".") });
    else
      for (const [name, each] of Object.entries(value))
        if (!repeated.has(name)) values.push({ key: name, value: each });
  }
  return values;
}
