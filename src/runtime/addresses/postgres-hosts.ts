const scheme = /^postgres(?:ql)?:\/\//u;

/** A Postgres address split as libpq reads it. It may name several hosts, which node-postgres does not support. */
interface Parts {
  readonly scheme: string;
  /** User and password, including the `@`. */
  readonly who: string;
  readonly hosts: string;
  /** The database and the parameters. */
  readonly rest: string;
}

/**
 * One address for each host, in order: `postgres://u:p@one:1,two:2/name` becomes `postgres://u:p@one:1/name` and
 * `postgres://u:p@two:2/name`. An address with one host is returned unchanged. Undefined: the numbers of ports and hosts differ.
 */
export function addressPerHost(text: string): readonly string[] | undefined {
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

/** The host for logs and messages. */
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
