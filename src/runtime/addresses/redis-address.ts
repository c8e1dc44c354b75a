import { addressEscapes, isDecodable } from "./address-escapes.ts";

/** Where Redis is: one server, or a primary that Sentinels know by its name. */
export type RedisAddress =
  | { readonly kind: "server"; readonly url: string }
  | {
      readonly kind: "sentinel";
      /** The name that the Sentinels know the primary by. */
      readonly primary: string;
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      /** Of the Redis servers; empty where they want none. */
      readonly username: string;
      readonly password: string;
      readonly database: number;
    };

const sentinelPort = 26_379;
const sentinelForm =
  /^redis\+sentinel:\/\/(?:(?<username>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^@/]+)\/(?<primary>[^/]+)(?:\/(?<database>\d+))?$/u;

/**
 * Reads `redis://[user:password@]host[:port][/database]`, `rediss://…` (TLS), or
 * `redis+sentinel://[user:password@]host[:port],host[:port]/primary[/database]`. Undefined for anything else.
 */
export function redisAddress(url: string): RedisAddress | undefined {
  if (/^rediss?:/u.test(url)) {
    if (!URL.canParse(url) || new URL(url).hostname === "") return undefined;
    // Our two clients would make different things of it.
    return { kind: "server", url: url.split("?", 1).join("") };
  }
  const parts = sentinelForm.exec(url)?.groups;
  if (parts === undefined) return undefined;
  const { username = "", password = "", hosts = "", primary = "", database = "0" } = parts;
  try {
    return {
      kind: "sentinel",
      primary: decodeURIComponent(primary),
      sentinels: hosts.split(",").map(nodeOf),
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: Number(database),
    };
  } catch {
    return undefined;
  }
}

const forms =
  "This is not redis://host:6379, rediss://host:6379 or redis+sentinel://host:26379,host:26379/primary";

/** What other programs take for an address. */
const otherForms: readonly (readonly [beginning: RegExp, fault: string])[] = [
  [
    /^(?:unix|redis-socket|redis\+(?:socket|unix)):|^redis:\/{3}|^\//u,
    "It is spoken to by TCP only, by no socket file",
  ],
  [/^https?:/u, "Redis' own address begins with redis:// or rediss://: no HTTP interface is spoken to"],
  [/^valkeys?:/u, "Valkey's address begins with redis:// too, or rediss:// for TLS"],
  [/^(?:rediss\+|redis-|rediss-)sentinel:/u, "That of Sentinels begins with redis+sentinel://"],
  [/cluster/u, "Redis Cluster is not supported: give the address of a single primary"],
  [
    /^rediss?:\/\/(?:[^@/]*@)?(?=[^/?]*:[^/?]*:)[^[/?]*(?:\/|$)/u,
    "An IPv6 address stands in brackets: redis://[::1]:6379",
  ],
];

/** What is wrong with an address, without quoting it: it may hold a password. Undefined: nothing. */
export function redisAddressFault(text: string): string | undefined {
  const other = otherForms.find(([beginning]) => beginning.test(text))?.[1];
  if (!/^rediss?:\/\//u.test(text)) return redisAddress(text) === undefined ? (other ?? forms) : undefined;
  const behind = text.slice(text.indexOf("//") + 2);
  const authority = behind.split(/[/?#]/u, 1)[0] ?? "";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSplit =
    behind.includes("@") && (!authority.includes("@") || behind.lastIndexOf("@") > authority.length);
  if (isSplit || url?.hash !== "" || !isDecodable(url)) {
    if (isSplit || url !== undefined || /[#%]/u.test(text)) return addressEscapes;
    return authority.includes(",")
      ? "It names several hosts, which only redis+sentinel:// does"
      : (other ?? forms);
  }
  if (url.hostname === "") return other ?? forms;
  const query = queryFault(url.searchParams);
  if (query !== undefined) return query;
  if (!/^\/?\d*$/u.test(url.pathname)) return "The database is a number: redis://host:6379/0";
  return url.hostname.includes(",") ? "It names several hosts, which only redis+sentinel:// does" : undefined;
}

/** What is known to other programs there; the rest says nothing to us, and is left out. */
function queryFault(values: URLSearchParams): string | undefined {
  const has = (...names: readonly string[]): boolean => names.some((name) => values.has(name));
  if (has("db", "database"))
    return "The database stands behind the port, as in redis://host:6379/5, not behind a ?";
  if (has("password", "username", "user", "auth"))
    return "User and password stand before the host, as in redis://user:password@host:6379, not behind a ?";
  if (/^(?:true|1|yes|on)?$/iu.test(values.get("tls") ?? values.get("ssl") ?? "no"))
    return "For TLS it begins with rediss://; leave out what stands behind the ?";
  return undefined;
}

/** Whose rights count there. */
export function userOf(address: RedisAddress): string {
  const name =
    address.kind === "server" ? decodeURIComponent(new URL(address.url).username) : address.username;
  return name === "" ? "default" : name;
}

/** Without user and password, for people to read. */
export function shownAddress(address: RedisAddress): string {
  if (address.kind === "server") return new URL(address.url).host;
  const hosts = address.sentinels.map(({ host, port }) => `${host}:${port}`).join(",");
  return `${address.primary} by the Sentinels ${hosts}`;
}

/** @throws {TypeError} */
function nodeOf(text: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`redis://${text}`);
  if (hostname === "") throw new TypeError("No host");
  return { host: hostname.replaceAll(/[[\]]/gu, ""), port: port === "" ? sentinelPort : Number(port) };
}
