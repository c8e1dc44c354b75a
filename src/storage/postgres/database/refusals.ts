import { ArchiveError } from "../../../ports/archive.ts";

export const readOnlyReason =
  "Postgres is read-only: is it a replica now, or is default_transaction_read_only set?";

/** Reasons why a server that answers accepts no writes, for the operator. */
const noWrites: Readonly<Record<string, string>> = {
  "25006": readOnlyReason,
  "53100": "Postgres' disk is full: make room there",
  "58030": "Postgres' disk fails: see its log",
};

/** Undefined for other faults. */
export function noWritesReason(cause: unknown): string | undefined {
  return noWrites[codeOf(cause)];
}

/**
 * Postgres' code for a refused statement. Undefined for outages: no connection, too many, shutting down, too slow.
 */
export function refusalCode(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return /^[0-9A-Z]{5}$/u.test(code) && !/^(?:08|53|57|58)/u.test(code) ? code : undefined;
}

/**
 * Faults that refuse every connection until the operator acts, and so count as an outage. Undefined for other faults.
 */
export function lockoutReason(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code === "53300" || isOutOfConnections(cause))
    return "Postgres accepts no more connections: raise max_connections";
  if (code === "3D000") return "The database is gone from Postgres: create or restore it";
  return code.startsWith("28")
    ? "Postgres no longer accepts the user: check the password and pg_hba.conf"
    : undefined;
}

/** Why our tables can't be used. Undefined for other faults. */
export function tableFaultReason(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code === "42501")
    return "Postgres refuses the user its tables in the schema threadkeeper: was a right taken away?";
  return code === "42P01" || code === "3F000"
    ? "Postgres lacks tables of the schema threadkeeper: bring them back from a backup, or start again to create them"
    : undefined;
}

/** Poolers have one code for everything they refuse. */
function isOutOfConnections(cause: unknown): boolean {
  return cause instanceof Error && /no more connections|max client connections/iu.test(cause.message);
}

/** Some Postgres errors quote values, which may be what people wrote. */
export function withoutValues(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  const code = codeOf(cause);
  return new Error(code === "" ? cause.name : `${cause.name} (${code})`);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

/** Lock not available, and deadlock. */
const lockedCodes = ["55P03", "40P01"];

/** Whether a statement gave up waiting for a lock. */
export function isLockedOut(error: unknown): boolean {
  return error instanceof ArchiveError && lockedCodes.some((code) => error.message.includes(code));
}
