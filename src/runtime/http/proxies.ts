import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/** Headers by which proxies, tunnels and load balancers tell on whose behalf they ask. */
const forwardingHeaders =
  /^(?:forward.*|x-forward.*|x-origin.*|x-host|x-scheme|x-url-scheme|x-request-start|x-cloud-trace-context|x-vercel-.*|x-nf-.*|x-varnish|x-cdn.*|(?:x-)?akamai-.*|fastly-.*|front-end-https|surrogate-.*|max-forwards|x-real-.*|x-proxy.*|x-envoy-.*|x-amz.*|x-azure-.*|x-arr-.*|x-appengine-.*|via|cdn-loop|cf-.*|fly-.*|tailscale-.*|ngrok-.*|(?:.*-)?(?:client|connecting|remote|source)-?(?:ip|addr|address|host|port))$/u;

/** Whether a proxy stands between: by any forwarding header, or by HTTP/1.0, which no browser speaks. */
export function isProxied({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.0" || Object.keys(headers).some((name) => forwardingHeaders.test(name));
}

export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/u, "");
  return plain === "::1" || plain.startsWith("127.");
}

/** One address, or a network as `10.0.0.0/8`. */
export function isAddressOrNetwork(text: string): boolean {
  const { address, bits } = split(text);
  const family = isIP(address);
  return (
    family !== 0 &&
    (bits === undefined || (Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128)))
  );
}

/** Says who asks, and under which name, where proxies that the operator trusts stand between. */
export class Proxies {
  readonly #trusted = new BlockList();

  /** @param trusted addresses and networks; of anybody else no forwarding header is believed. */
  constructor(trusted: readonly string[] = []) {
    for (const each of trusted) {
      const { address, bits } = split(each);
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, bits, family);
    }
  }

  /**
   * What a caller is counted under: the last hop of X-Forwarded-For that no trusted proxy is; of IPv6 the first 64 bits,
   * since one caller has all the addresses behind them.
   */
  addressOf(request: IncomingMessage): string {
    const [caller = ""] = this.callersOf(request);
    return caller;
  }

  /** The same, and of IPv6 the networks around it too: one caller may have been given a /56 or a /48. */
  callersOf(request: IncomingMessage): readonly string[] {
    const address = this.#plainAddressOf(request);
    return isIPv6(address) ? [64, 56, 48].map((bits) => networkOf(address, bits)) : [address];
  }

  #plainAddressOf(request: IncomingMessage): string {
    let address = plainOf(request.socket.remoteAddress ?? "");
    const hops = String(request.headers["x-forwarded-for"] ?? "").split(",");
    while (this.#trusts(address)) {
      const hop = plainOf(withoutPort(hops.pop()?.trim() ?? ""));
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  }

  /** The name that the caller asked for. */
  hostOf({ socket, headers }: IncomingMessage): string {
    const forwarded =
      String(headers["x-forwarded-host"] ?? "")
        .split(",", 1)[0]
        ?.trim() ?? "";
    const isBelieved = forwarded !== "" && this.#trusts(plainOf(socket.remoteAddress ?? ""));
    return isBelieved ? forwarded : (headers.host ?? "");
  }

  #trusts(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
}

/** What callers are told apart by: an IPv4 address, or the network of an IPv6 address, all of which one caller has. */
export function networkIn(address: string): string {
  const plain = plainOf(address);
  return isIPv6(plain) ? networkOf(plain, 64) : plain;
}

function split(text: string): { readonly address: string; readonly bits?: number } {
  const [address = "", bits] = text.split("/", 2);
  return { address, ...(bits === undefined ? {} : { bits: bits === "" ? Number.NaN : Number(bits) }) };
}

function plainOf(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/iu, "").replace(/%[^]*/u, "");
}

/** Some proxies write `1.2.3.4:5678` or `[::1]:5678`. */
function withoutPort(hop: string): string {
  return hop
    .replace(/^\[(?<inner>[^\]]*)\](?::\d+)?$/u, "$<inner>")
    .replace(/^(?<inner>[\d.]+):\d+$/u, "$<inner>");
}

/** @param bits - from 48 to 64 */
function networkOf(address: string, bits: number): string {
  const [head = "", tail] = address.split("::", 2);
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right]
    .slice(0, 4)
    .map((group, index) => {
      const inside = Math.min(16, Math.max(0, bits - index * 16));
      return (Number.parseInt(group, 16) & ((0xffff << (16 - inside)) & 0xffff)).toString(16);
    });
  return `${groups.join(":")}::/${bits}`;
}
