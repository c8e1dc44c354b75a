import { addressEscapes, isDecodable } from "./address-escapes.ts";

/** One Redis server, or a primary that Sentinels know by name. */
export type RedisAddress =
  | { readonly kind: "server"; readonly url: string }
  | {
      readonly kind: "sentinel";
      /** The primary's name in the Sentinels. */
      readonly primary: string;
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      /** For the Redis servers; empty if they need none. */
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
    // Our two clients read parameters differently, so they are removed.
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

/** Address forms of other programs. */
const otherForms: readonly (readonly [beginning: RegExp, fault: string])[] = [
  [
    /^(?:unix|redis-socket|redis\+(?:socket|unix)):|^redis:\/{3}|^\//u,
    "Socket files are not supported: Redis is reached over TCP only",
  ],
  [/^https?:/u, "An address of Redis begins with redis:// or rediss://: HTTP interfaces are not supported"],
  [/^valkeys?:/u, "Valkey's address begins with redis:// too, or rediss:// for TLS"],
  [/^(?:rediss\+|redis-|rediss-)sentinel:/u, "An address of Sentinels begins with redis+sentinel://"],
  [/cluster/u, "Redis Cluster is not supported: give the address of a single primary"],
  [
    /^rediss?:\/\/(?:[^@/]*@)?(?=[^/?]*:[^/?]*:)[^[/?]*(?:\/|$)/u,
    "Write an IPv6 address in brackets: redis://[::1]:6379",
  ],
];

/** The fault of an address, never quoting it, because it may contain a password. Undefined: none. */
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
      ? "Several hosts are supported only with redis+sentinel://"
      : (other ?? forms);
  }
  if (url.hostname === "") return other ?? forms;
  const query = queryFault(url.searchParams);
  if (query !== undefined) return query;
  if (!/^\/?\d*$/u.test(url.pathname)) return "The database is a number: redis://host:6379/0";
  return url.hostname.includes(",") ? "Several hosts are supported only with redis+sentinel://" : undefined;
}

/** The fault of parameters that other programs read. Unknown ones are ignored. */
function queryFault(values: URLSearchParams): string | undefined {
  const has = (...names: readonly string[]): boolean => names.some((name) => values.has(name));
  if (has("db", "database"))
    return "Write the database after the port, as in redis://host:6379/5, not after a ?";
  if (has("password", "username", "user", "auth"))
    return "Write user and password before the host, as in redis://user:password@host:6379, not after a ?";
  if (/^(?:true|1|yes|on)?$/iu.test(values.get("tls") ?? values.get("ssl") ?? "no"))
    return "For TLS, begin the address with rediss:// and remove the part after the ?";
  return undefined;
}

/** The user whose rights apply. */
export function userOf(address: RedisAddress): string {
  const name =
    address.kind === "server" ? decodeURIComponent(new URL(address.url).username) : address.username;
  return name === "" ? "default" : name;
}

/** Without user and password, for logs and messages. */
export function printableAddress(address: RedisAddress): string {
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
