import type { APIError } from "openai";

/** What a server says with an error, whatever the form of its body. */
export interface Refusal {
  /** Missing: a stream says it. */
  readonly status: number | undefined;
  /** All texts of the body, a line each. Empty: it says nothing. */
  readonly words: string;
  /** What stands there as one word: codes, types, names of fields, places in the request. */
  readonly names: readonly string[];
  /** Fields that are numbers, by their names. */
  readonly numbers: ReadonlyMap<string, number>;
}

const mostChars = 8_000;
const mostCharsOfOne = 2_000;
const mostValues = 300;
/** Here FastAPI and Groq repeat what was sent to them, or what the model wrote. */
const repeated: ReadonlySet<string> = new Set(["input", "failed_generation", "ctx", "url"]);

export function refusalIn(error: APIError): Refusal {
  const status: number | undefined = error.status;
  const lines: string[] = [];
  const names: string[] = [];
  const numbers = new Map<string, number>();
  for (const { key, value } of valuesIn(error.error)) {
    if (typeof value === "string") (isName(value) ? names : lines).push(value.slice(0, mostCharsOfOne));
    else if (typeof value === "number" && !numbers.has(key)) numbers.set(key, value);
  }
  // Without JSON the page itself is the message, behind the status.
  if (error.error === undefined && !error.message.endsWith("(no body)")) {
    lines.push(error.message.replace(/^\d{3} /u, "").slice(0, mostCharsOfOne));
  }
  return { status, words: lines.join("\n").slice(0, mostChars), names, numbers };
}

function isName(text: string): boolean {
  return /^[\w.[\]:-]{1,100}$/u.test(text);
}

interface Value {
  readonly key: string;
  readonly value: unknown;
}

/** Breadth first, so that what stands outside comes before what is nested. */
function valuesIn(body: unknown): readonly Value[] {
  const values: Value[] = [{ key: "", value: body }];
  for (let at = 0; at < values.length && values.length < mostValues; at += 1) {
    const { key, value } = values[at] ?? { key: "", value: "" };
    if (typeof value !== "object" || value === null) continue;
    if (key === "loc" && Array.isArray(value)) values.push({ key, value: value.map(String).join(".") });
    else
      for (const [name, each] of Object.entries(value))
        if (!repeated.has(name)) values.push({ key: name, value: each });
  }
  return values;
}
