const scheme = /^postgres(?:ql)?:\/\//u;

/** A Postgres address in its parts, as libpq reads it: it may name several hosts, which node-postgres does not. */
interface Parts {
  readonly scheme: string;
  /** User and password with the `@` behind them. */
  readonly who: string;
  readonly hosts: string;
  /** The database and what stands behind the `?`. */
  readonly rest: string;
}

/**
 * The same address for each of the hosts that it names, in its order: `postgres://u:p@one:1,two:2/name` is
 * `postgres://u:p@one:1/name` and `postgres://u:p@two:2/name`. One that names a single host is given as it is. Undefined: there
 * are not as many ports as hosts.
 */
export function addressesIn(text: string): readonly string[] | undefined {
  const { scheme: begins, who, hosts, rest } = partsOf(text);
  const named = listIn(rest, "host") ?? hosts.split(",");
  if (named.length === 1) return [text];
  const ports = listIn(rest, "port");
  if (ports !== undefined && ports.length !== 1 && ports.length !== named.length) return undefined;
  return named.map((host, at) => {
    const port = ports === undefined ? undefined : (ports[at] ?? ports[0]);
    if (listIn(rest, "host") === undefined) {
      const bare = port === undefined ? host : host.replace(/:\d*$/u, "");
      return begins + who + bare + withValue(rest, "port", port);
    }
    return begins + who + withValue(withValue(rest, "host", host), "port", port);
  });
}

/** What names the server, for people to read. */
export function hostIn(text: string): string {
  const { hosts, rest } = partsOf(text);
  const host = listIn(rest, "host")?.join(",") ?? decoded(hosts);
  const port = listIn(rest, "port")?.join(",");
  return `${host === "" ? "this machine" : host}${port === undefined ? "" : `:${port}`}`;
}

function partsOf(text: string): Parts {
  const begins = scheme.exec(text)?.[0] ?? "";
  const behind = text.slice(begins.length);
  const end = behind.search(/[/?#]/u);
  const authority = end === -1 ? behind : behind.slice(0, end);
  const at = authority.lastIndexOf("@") + 1;
  return {
    scheme: begins,
    who: authority.slice(0, at),
    hosts: authority.slice(at),
    rest: end === -1 ? "" : behind.slice(end),
  };
}

function listIn(rest: string, name: string): readonly string[] | undefined {
  const value = new RegExp(`[?&]${name}=([^&]*)`, "u").exec(rest)?.[1];
  return value === undefined || value === "" ? undefined : decoded(value).split(",");
}

function withValue(rest: string, name: string, value: string | undefined): string {
  if (value === undefined) return rest;
  return rest.replace(new RegExp(`(?<=[?&]${name}=)[^&]*`, "u"), () => encodeURIComponent(value));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
