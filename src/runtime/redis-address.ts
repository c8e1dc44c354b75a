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
