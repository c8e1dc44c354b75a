import { addressEscapes } from "./address-escapes.ts";
import { addressPerHost } from "./postgres-hosts.ts";

const scheme = /^postgres(?:ql)?:\/\//u;
/** How the driver treats them: see connectionString. */
const tlsModes = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

/** With each of them, the server that accepts writes is used. */
const targets = ["any", "read-write", "primary"];

/** The fault of a Postgres address, never quoting it, because it may contain a password. Undefined: none. */
export function postgresAddressFault(text: string): string | undefined {
  if (/^postgres(?:ql)?\+/u.test(text)) return "Leave out the + and the driver's name behind postgresql";
  if (!scheme.test(text)) return "This is not a URL that begins with postgres:// or postgresql://";
  const addresses = addressPerHost(text);
  if (addresses === undefined) return "It names several hosts, and not as many ports";
  return addresses.map(faultIn).find((fault) => fault !== undefined);
}

/** The fault of the address of one server. */
function faultIn(text: string): string | undefined {
  const { authority, rest } = partsOf(text);
  const url = urlOf(text);
  const isSplit = !authority.includes("@") && rest.includes("@");
  if (text.includes("#") || (isSplit && (url === undefined || url.pathname.includes("@"))))
    return addressEscapes;
  if (url === undefined) return "This is not like postgres://user:password@host:5432/database";
  if (url.searchParams.has("service"))
    return "A service file is not read here: write its host, user, password and database into the address";
  const mode = url.searchParams.get("sslmode");
  if (mode !== null && !tlsModes.includes(mode)) return `sslmode is not one of ${tlsModes.join(", ")}`;
  const target = url.searchParams.get("target_session_attrs");
  if (target !== null && !targets.includes(target))
    return `target_session_attrs is not one of ${targets.join(", ")}: the archive is written to`;
  return undefined;
}

/**
 * The address for the driver. It treats prefer, require and verify-ca as verify-full, and warns about that in eight lines at
 * each start; writing verify-full avoids the warning.
 */
export function connectionString(text: string): string {
  if (/[?&]uselibpqcompat=true/u.test(text)) return text;
  // By default Node trusts the same authorities as the system.
  const named = text.replace(
    /(?<=[?&])sslrootcert=system(?=&|$)/u,
    /[?&]sslmode=/u.test(text) ? "" : "sslmode=verify-full",
  );
  return named.replace(/(?<=[?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/u, "verify-full");
}

/** Whether the address asks for TLS. */
export function asksForTls(text: string): boolean {
  const values = urlOf(text)?.searchParams;
  const mode = values?.get("sslmode");
  const isOn = values?.has("sslrootcert") === true || ["true", "1"].includes(values?.get("ssl") ?? "");
  return mode === null || mode === undefined ? isOn : mode !== "disable";
}

/** The character before a parameter that is added to the address. */
export function querySeparator(text: string): "?" | "&" {
  return text.includes("?") ? "&" : "?";
}

/** The address of a socket has no host. */
function urlOf(text: string): URL | undefined {
  for (const each of [text, text.replace("@/", "@socket/")]) if (URL.canParse(each)) return new URL(each);
  return undefined;
}

function partsOf(text: string): { readonly authority: string; readonly rest: string } {
  const behind = text.replace(scheme, "");
  const end = behind.search(/[/?#]/u);
  return end === -1
    ? { authority: behind, rest: "" }
    : { authority: behind.slice(0, end), rest: behind.slice(end) };
}
