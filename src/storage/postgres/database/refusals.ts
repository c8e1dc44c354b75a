export const readOnlyReason =
  "Postgres is read-only: is it a replica now, or is default_transaction_read_only set?";

/** Where a server that answers takes no writes, and what that means for the operator. */
const noWrites: Readonly<Record<string, string>> = {
  "25006": readOnlyReason,
  "53100": "Postgres's disk is full: make room there",
  "58030": "Postgres's disk fails: see its log",
};

/** Undefined where it is something else. */
export function noWritesReason(cause: unknown): string | undefined {
  return noWrites[codeOf(cause)];
}

/** Undefined where nothing was refused: no connection, too many, going down, too slow. */
export function refusalCode(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return /^[0-9A-Z]{5}$/u.test(code) && !/^(?:08|53|57|58)/u.test(code) ? code : undefined;
}

/** What nobody gets past before it is changed there, and so is as good as away. Undefined: nothing of that kind. */
export function lockoutReason(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code === "53300" || isWithoutRoom(cause)) return "Postgres takes no more connections";
  if (code === "3D000") return "Postgres has no such database any more";
  return code.startsWith("28") ? "Postgres lets the user in no more" : undefined;
}

/** Where its tables may not be used any more, or are gone. Undefined: it is something else. */
export function tableFaultReason(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code === "42501")
    return "Postgres refuses the user its tables in the schema threadkeeper: was a right taken away?";
  return code === "42P01" || code === "3F000"
    ? "Postgres lacks tables of the schema threadkeeper: bring them back from a backup, or start again to create them"
    : undefined;
}

/** A pooler has one code for whatever it refuses. */
function isWithoutRoom(cause: unknown): boolean {
  return cause instanceof Error && /no more connections|max client connections/iu.test(cause.message);
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
