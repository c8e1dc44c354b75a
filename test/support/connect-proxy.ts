import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Duplex } from "node:stream";

/** A proxy that alone knows where some names lead. */
export interface ConnectProxy extends AsyncDisposable {
  /** With the user and the password that it wants. */
  readonly url: string;
  /** `host:port` of every tunnel, in order. */
  readonly tunnels: readonly string[];
}

/**
 * An HTTP proxy with tunnels to each of these hosts, port 443, where TLS ends: behind it is a plain server on a port of this
 * machine. Whatever else is asked for is refused.
 */
export async function openConnectProxy(
  hosts: ReadonlyMap<string, number>,
  { key, cert }: { readonly key: Buffer; readonly cert: Buffer },
): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const open = new Set<Duplex>();
  const join = (one: Duplex, other: Duplex): void => {
    one.pipe(other);
    for (const [end, opposite] of [
      [one, other],
      [other, one],
    ] as const) {
      open.add(end);
      end.on("error", () => opposite.destroy());
      end.on("close", () => opposite.destroy());
    }
  };
  const ends = createTlsServer({ key, cert }, (client) => {
    const behind = connect(hosts.get(String(client.servername)) ?? 0, "127.0.0.1");
    join(client, behind);
    behind.pipe(client);
  }).listen(0, "127.0.0.1");
  const proxy = createServer((_request, response) => response.writeHead(501).end());
  proxy.on("connect", ({ url = "", headers }, client) => {
    tunnels.push(url);
    const isKnown = headers["proxy-authorization"] === `Basic ${btoa("ada:sesame")}`;
    const [host = "", port] = url.split(":");
    if (!isKnown) return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    if (!hosts.has(host) || port !== "443") return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const tunnel = connect(portOf(ends), "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    join(client, tunnel);
    return tunnel.pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await Promise.all([once(ends, "listening"), once(proxy, "listening")]);
  return {
    url: `http://ada:sesame@127.0.0.1:${portOf(proxy)}`,
    tunnels,
    [Symbol.asyncDispose]: async () => {
      for (const each of open) each.destroy();
      proxy.close();
      ends.close();
    },
  };
}

function portOf(server: {
  readonly address: () => ReturnType<ReturnType<typeof createServer>["address"]>;
}): number {
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}
