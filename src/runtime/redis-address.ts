import { addressEscapes } from "./address-escapes.ts";

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
    return URL.canParse(url) && new URL(url).hostname !== "" ? { kind: "server", url } : undefined;
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

/** What is wrong with an address, without quoting it: it may hold a password. Undefined: nothing. */
export function redisAddressFault(text: string): string | undefined {
  const forms =
    "This is not redis://host:6379, rediss://host:6379 or redis+sentinel://host:26379,host:26379/primary";
  if (!/^rediss?:\/\//u.test(text)) return redisAddress(text) === undefined ? forms : undefined;
  const behind = text.slice(text.indexOf("//") + 2);
  const authority = behind.split(/[/?#]/u, 1)[0] ?? "";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSplit =
    behind.includes("@") && (!authority.includes("@") || behind.lastIndexOf("@") > authority.length);
  if (isSplit || url?.hash !== "" || !isEncoded(url)) {
    if (isSplit || url !== undefined || /[#%]/u.test(text)) return addressEscapes;
    return authority.includes(",") ? "It names several hosts, which only redis+sentinel:// does" : forms;
  }
  if (url.hostname === "") return forms;
  if (!/^\/?\d*$/u.test(url.pathname)) return "The database is a number: redis://host:6379/0";
  return url.hostname.includes(",") ? "It names several hosts, which only redis+sentinel:// does" : undefined;
}

function isEncoded({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
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
