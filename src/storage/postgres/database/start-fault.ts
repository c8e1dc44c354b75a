import { asksForTls, querySeparator } from "../../../runtime/addresses/postgres-address.ts";
import { DatabaseError } from "./database-error.ts";
import { refusalOf } from "./start-advice.ts";

const maxChars = 250;

/** Whether waiting can help, as with refused connections, unresolved names and a server that is starting. */
export function isTransient(error: unknown): boolean {
  const refusal = refusalOf(codeOf(error), messageOf(error));
  if (refusal !== undefined && !wantsTls(error)) return refusal.isTransient === true;
  return !isAboutTls(error) && !lacksPassword(error) && !isAboutFile(error);
}

/** The server that was tried. */
interface Asked {
  readonly address: string;
  /** For people to read. */
  readonly host: string;
  readonly isOneOfSeveral: boolean;
}

/** Why Postgres can't be used and what to do, without the password. */
export function startFault({ address, host, isOneOfSeveral }: Asked, error: unknown): DatabaseError {
  const why = startReason(error);
  const where = isOneOfSeveral && !(error instanceof AggregateError) ? ` at ${host}` : "";
  return new DatabaseError(
    `DATABASE_URL: Postgres${where} can't be used (${why}). ${adviceFor(address, error)}`,
  );
}

/** Without what the error quotes, which may be the address with its password. */
export function startReason(error: unknown): string {
  // Several servers fail with one error each.
  if (error instanceof AggregateError && error.message !== "") return error.message;
  const code = codeOf(error);
  return code === "" ? messageOf(error) : code;
}

function adviceFor(url: string, error: unknown): string {
  const code = codeOf(error);
  if (wantsTls(error) && !asksForTls(url))
    return `The server seems to take encrypted connections only: add ${querySeparator(url)}sslmode=require to the address. If that does not help, its pg_hba.conf does not let this user in from here.`;
  if (lacksPassword(error)) return "The server wants a password, and the address has none.";
  if (isAboutFile(error))
    return "A file that the address names (sslrootcert, sslcert, sslkey) can't be read.";
  const refusal = refusalOf(code, messageOf(error));
  if (refusal !== undefined) return refusal.advice;
  if (isAboutTls(error)) return adviceOnTls(url, error);
  if (code === "ENOENT") return "There is no such socket.";
  return "Is it running there, and may this machine reach it?";
}

function adviceOnTls(url: string, error: unknown): string {
  const text = `${codeOf(error)} ${messageOf(error)}`;
  if (/does not support SSL/u.test(text))
    return "The server speaks no TLS: take sslmode out of the address, or set sslmode=disable.";
  if (/ALTNAME/u.test(text))
    return "The server's certificate is for another name: give the host by that name, or set sslmode=no-verify.";
  if (/OSSL_(?:PEM|ASN1|X509)|PEM routines|KEY_VALUES_MISMATCH/u.test(text))
    return "A certificate or key that the address names is none, is damaged, or belongs to another one.";
  if (/EXPIRED|NOT_YET/u.test(text)) return "The server's certificate is not valid now: renew it.";
  return (
    "The server's certificate is by an authority that is not known here: give its file with " +
    `${querySeparator(url)}sslrootcert=/path/ca.pem in the address or with NODE_EXTRA_CA_CERTS, or set sslmode=no-verify.`
  );
}

/** The messages of Postgres, of hosters and of poolers differ. */
function wantsTls(error: unknown): boolean {
  return /no encryption|SSL off|SSL (?:connection )?is required|SSL required|insecure|sslmode=require/iu.test(
    messageOf(error),
  );
}

/** Socket faults have other system calls and other codes. */
function isAboutFile(error: unknown): boolean {
  if (!(error instanceof Error && "syscall" in error)) return false;
  return (
    /^(?:open|read)$/u.test(String(error.syscall)) &&
    /^E(?:NOENT|ACCES|PERM|ISDIR|NOTDIR|LOOP)$/u.test(codeOf(error))
  );
}

function lacksPassword(error: unknown): boolean {
  return /password must be a (?:non-empty )?string/u.test(messageOf(error));
}

function isAboutTls(error: unknown): boolean {
  return wantsTls(error) || /CERT|SSL|TLS|SIGNATURE/u.test(`${codeOf(error)} ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  // The migration tool appends a stack trace.
  const [line = ""] = error.message.split("\n", 1);
  return line.slice(0, maxChars).replaceAll(/\/\/\S{0,1000}@/gu, "//…@");
}

function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return typeof first === "object" && first !== null && "code" in first && typeof first.code === "string"
    ? first.code
    : "";
}
