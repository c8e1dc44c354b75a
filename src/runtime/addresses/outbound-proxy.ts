import http from "node:http";

import type { Log } from "../../ports/log.ts";
import { isDecodable } from "./address-escapes.ts";

/** Proxies for outgoing connections: `http://` or `https://` addresses. */
export interface OutboundProxy {
  /** For addresses that begin with `https:` or `wss:`. */
  readonly https: string | undefined;
  /** For addresses that begin with `http:` or `ws:`. */
  readonly http: string | undefined;
  /** Hosts that are reached directly, separated by commas; always includes this machine. */
  readonly except: string;
}

interface ProxySettings {
  readonly HTTPS_PROXY?: string | undefined;
  readonly HTTP_PROXY?: string | undefined;
  readonly ALL_PROXY?: string | undefined;
  readonly NO_PROXY: string;
}

const thisMachine = ["localhost", "127.0.0.1", "::1", "[::1]"];

/** Whether the bot supports a proxy with this address. */
export function isProxyAddress(text: string): boolean {
  return /^https?:\/\//u.test(text) && URL.canParse(text) && isDecodable(new URL(text));
}

/** Undefined: everything is reached directly. */
export function proxyFromSettings(settings: ProxySettings): OutboundProxy | undefined {
  // ALL_PROXY with another protocol is usually meant for other programs.
  const all =
    settings.ALL_PROXY !== undefined && isProxyAddress(settings.ALL_PROXY) ? settings.ALL_PROXY : undefined;
  const https = settings.HTTPS_PROXY ?? all;
  const plain = settings.HTTP_PROXY ?? all;
  const hosts = settings.NO_PROXY.split(",").map((host) => host.trim());
  if ((https ?? plain) === undefined || hosts.includes("*")) return undefined;
  return { https, http: plain, except: [...hosts.filter(Boolean), ...thisMachine].join(",") };
}

/** The variables that Node and its agents read. */
export function proxyVariables({
  https,
  http: plain,
  except,
}: OutboundProxy): Readonly<Record<string, string>> {
  return {
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    ...(plain === undefined ? {} : { HTTP_PROXY: plain }),
    NO_PROXY: except,
  };
}

/**
 * Routes Node's own fetch through the configured proxy. WebSockets and `leanFetch` need the returned value.
 * Undefined: all connections are direct.
 */
export function installProxy(settings: ProxySettings, log: Log): OutboundProxy | undefined {
  const { ALL_PROXY: all } = settings;
  if (all !== undefined && !isProxyAddress(all))
    log.warn({}, "ALL_PROXY is ignored: only addresses like http://proxy:3128 are supported");
  const proxy = proxyFromSettings(settings);
  if (proxy === undefined) return undefined;
  http.setGlobalProxyFromEnv(proxyVariables(proxy));
  log.info({ proxy: shown(proxy) }, "outgoing connections go through a proxy");
  return proxy;
}

/** For people to read: without user and password. */
function shown({ https, http: plain }: OutboundProxy): string {
  const hosts = [https, plain].flatMap((address) => (address === undefined ? [] : [new URL(address).host]));
  return [...new Set(hosts)].join(", ");
}
