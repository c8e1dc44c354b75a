import { addressEscapes } from "../../runtime/address-escapes.ts";
import { asksForTls, signBefore } from "../../runtime/postgres-address.ts";
import { DatabaseError } from "./database-error.ts";
import type { Primary } from "./primary.ts";

/** Whether waiting can help: refused connections, no such host yet, starting up. */
export function isPassing(error: unknown): boolean {
  return !/^(?:28|3D|42|0A|08P01)/u.test(codeOf(error)) && !isAboutTls(error) && !lacksPassword(error);
}

/** Why Postgres can't be used, and what to do, without the address's password. */
export function startFault({ address, host, isOneOfSeveral }: Primary, error: unknown): DatabaseError {
  const why = startReason(error);
  const where = isOneOfSeveral && !(error instanceof AggregateError) ? ` at ${host}` : "";
  return new DatabaseError(
    `DATABASE_URL: Postgres${where} can't be used (${why}). ${adviceFor(address, error)}`,
  );
}

/** Without what the error quotes: it may hold the address with its password. */
export function startReason(error: unknown): string {
  // Each of several servers has its own.
  if (error instanceof AggregateError && error.message !== "") return error.message;
  const code = codeOf(error);
  return code === "" ? messageOf(error) : code;
}

function adviceFor(url: string, error: unknown): string {
  const code = codeOf(error);
  if (wantsTls(error) && !asksForTls(url))
    return `The server seems to take encrypted connections only: add ${signBefore(url)}sslmode=require to the address. If that does not help, its pg_hba.conf does not let this user in from here.`;
  if (lacksPassword(error)) return "The server wants a password, and the address has none.";
  if (code === "28P01") return `Check the user and the password. ${addressEscapes}.`;
  if (code === "28000")
    return "The server's pg_hba.conf does not let this user in to this database from here, or there is no such user.";
  if (code === "3D000") return "Create the database first: createdb NAME.";
  if (code === "42501") return "The user may not create tables there: GRANT CREATE ON DATABASE … TO …";
  if (code === "25006") {
    return "It is read-only: give the address of the primary, or switch default_transaction_read_only off for this database and user.";
  }
  if (code === "08P01")
    return "Does a pooler in between refuse statement_timeout? Let it ignore that (pgbouncer: ignore_startup_parameters = statement_timeout).";
  if (isAboutTls(error)) return adviceOnTls(url, error);
  if (code === "ENOENT") return "There is no such socket, or no such file of a certificate.";
  return "Is it running there, and may this machine reach it?";
}

function adviceOnTls(url: string, error: unknown): string {
  const told = `${codeOf(error)} ${messageOf(error)}`;
  if (/does not support SSL/u.test(told))
    return "The server speaks no TLS: take sslmode out of the address, or set sslmode=disable.";
  if (/ALTNAME/u.test(told))
    return "The server's certificate is for another name: give the host by that name, or set sslmode=no-verify.";
  if (/EXPIRED|NOT_YET/u.test(told)) return "The server's certificate is not valid now: renew it.";
  return (
    "The server's certificate is by an authority that is not known here: give its file with " +
    `${signBefore(url)}sslrootcert=/path/ca.pem in the address or with NODE_EXTRA_CA_CERTS, or set sslmode=no-verify.`
  );
}

/** In the words of Postgres, of hosters and of poolers. */
function wantsTls(error: unknown): boolean {
  return /no encryption|SSL off|SSL (?:connection )?is required|SSL required|insecure|sslmode=require/iu.test(
    messageOf(error),
  );
}

function lacksPassword(error: unknown): boolean {
  return /password must be a (?:non-empty )?string/u.test(messageOf(error));
}

function isAboutTls(error: unknown): boolean {
  return wantsTls(error) || /CERT|SSL|TLS|SIGNATURE/u.test(`${codeOf(error)} ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/\/\/\S{0,1000}@/gu, "//…@") : "unknown";
}

function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return typeof first === "object" && first !== null && "code" in first && typeof first.code === "string"
    ? first.code
    : "";
}
