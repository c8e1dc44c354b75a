export const readOnlyWhy =
  "Postgres is read-only: is it a replica now, or is default_transaction_read_only set?";

/** Where a server that answers takes no writes, and what that means for the operator. */
const noWrites: Readonly<Record<string, string>> = {
  "25006": readOnlyWhy,
  "53100": "Postgres's disk is full: make room there",
  "58030": "Postgres's disk fails: see its log",
};

/** Undefined where it is something else. */
export function noWritesIn(cause: unknown): string | undefined {
  return noWrites[codeOf(cause)];
}

/** Undefined where nothing was refused: no connection, too many, going down, too slow. */
export function refusalIn(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return /^[0-9A-Z]{5}$/u.test(code) && !/^(?:08|53|57|58)/u.test(code) ? code : undefined;
}

/** Postgres quotes values in some of its errors, and they are what people wrote. */
export function withoutValues(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  const code = codeOf(cause);
  return new Error(code === "" ? cause.name : `${cause.name} (${code})`);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
