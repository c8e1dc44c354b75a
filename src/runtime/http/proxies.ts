import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/** Headers that proxies, tunnels and load balancers add. */
const forwardingHeaders =
  /^(?:forward.*|x-forward.*|x-origin.*|x-host|x-scheme|x-url-scheme|x-request-start|x-cloud-trace-context|x-vercel-.*|x-nf-.*|x-varnish|x-cdn.*|(?:x-)?akamai-.*|fastly-.*|front-end-https|surrogate-.*|max-forwards|x-real-.*|x-proxy.*|x-envoy-.*|x-amz.*|x-azure-.*|x-arr-.*|x-appengine-.*|via|cdn-loop|cf-.*|fly-.*|tailscale-.*|ngrok-.*|(?:.*-)?(?:client|connecting|remote|source)-?(?:ip|addr|address|host|port))$/u;

/** Whether the request came through a proxy: it has a forwarding header, or is HTTP/1.0, which browsers don't use. */
export function isProxied({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.0" || Object.keys(headers).some((name) => forwardingHeaders.test(name));
}

export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/u, "");
  return plain === "::1" || plain.startsWith("127.");
}

/** Whether a text is an IP address or a network such as `10.0.0.0/8`. */
export function isAddressOrNetwork(text: string): boolean {
  const { address, bits } = split(text);
  const family = isIP(address);
  return (
    family !== 0 &&
    (bits === undefined || (Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128)))
  );
}

/** Finds the caller and the requested host behind trusted proxies. */
export class Proxies {
  readonly #trusted = new BlockList();

  /** @param trusted - addresses and networks whose forwarding headers are believed */
  constructor(trusted: readonly string[] = []) {
    for (const each of trusted) {
      const { address, bits } = split(each);
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, bits, family);
    }
  }

  /**
   * The caller: the last hop of X-Forwarded-For that is not a trusted proxy. For IPv6 its /64, because one caller owns all
   * addresses in it.
   */
  addressOf(request: IncomingMessage): string {
    const [caller = ""] = this.callersOf(request);
    return caller;
  }

  /** The caller; for IPv6 also its /56 and /48, because a caller may own one. */
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

  /** The requested host name. */
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

/** The identity of a caller: an IPv4 address, or the /64 of an IPv6 address. */
export function callerNetwork(address: string): string {
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
