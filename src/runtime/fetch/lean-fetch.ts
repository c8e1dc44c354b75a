import { Agent, EnvHttpProxyAgent, type Dispatcher } from "undici";

import type { OutboundProxy } from "../addresses/outbound-proxy.ts";
import { Exchange } from "./exchange.ts";
import type { LeanResponse } from "./lean-response.ts";
import { RequestLimit } from "./request-limit.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface LeanFetchOptions {
  /** Undefined: all connections are direct. */
  readonly proxy: OutboundProxy | undefined;
  /** Time until the end of each answer. Missing: the caller's signal ends what takes too long. */
  readonly timeoutMs?: number;
  /** Under way at a time; further requests wait for one of them, and this counts as their time. Missing: without limit. */
  readonly maxRequests?: number;
  /** Missing: it has connections of its own. */
  readonly dispatcher?: Dispatcher;
}

/**
 * A `fetch` for the libraries of OpenAI and Slack, without the objects of the web that make Node's own expensive. Its responses
 * have what these libraries read (see LeanResponse); requests that they rarely make go to Node's fetch.
 */
export function leanFetch({
  proxy,
  timeoutMs,
  maxRequests = Infinity,
  dispatcher = dispatcherFor(proxy),
}: LeanFetchOptions): Fetch {
  const limit = new RequestLimit(maxRequests);
  const onEnd = (exchange: Exchange): void => limit.end(exchange);
  return async (input, init = {}) => {
    const request = simpleRequest(input, init);
    if (request === undefined) return fetchInTime(input, init, timeoutMs);
    init.signal?.throwIfAborted();
    const { url, options } = request;
    const exchange = new Exchange({ url: url.href, signal: init.signal ?? undefined, timeoutMs, onEnd });
    limit.begin(exchange, () => dispatcher.dispatch(options, exchange));
    const response = await exchange.answer;
    if (isRedirect(response)) {
      exchange.cancel();
      if (init.redirect === "error")
        throw new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
      // Node's fetch follows it, from the beginning: it knows which headers may go where.
      if (init.redirect !== "manual") return fetchInTime(input, init, timeoutMs);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has the part of a Response that is read
    return response as unknown as Response;
  };
}

async function fetchInTime(...[input, init, ms]: [...Required<Parameters<Fetch>>, number | undefined]) {
  if (ms === undefined) return fetch(input, init);
  const limit = AbortSignal.timeout(ms);
  const signal = init.signal == null ? limit : AbortSignal.any([init.signal, limit]);
  return fetch(input, { ...init, signal });
}

/** Reaches servers directly or through a proxy, with connections that are kept. */
export function dispatcherFor(proxy: OutboundProxy | undefined): Dispatcher {
  // One connection for everything would let a lost packet hold up all answers. A WebSocket can't share one at all.
  const kept = { allowH2: false };
  if (proxy === undefined) return new Agent(kept);
  const { https, http, except } = proxy;
  return new EnvHttpProxyAgent({
    ...kept,
    ...(https === undefined ? {} : { httpsProxy: https }),
    ...(http === undefined ? {} : { httpProxy: http }),
    noProxy: except,
  });
}

interface SimpleRequest {
  readonly url: URL;
  readonly options: Dispatcher.DispatchOptions;
}

/** Undefined for a request that only Node's fetch understands. */
function simpleRequest(input: Parameters<Fetch>[0], init: RequestInit): SimpleRequest | undefined {
  const { method = "GET", headers = {}, body = null } = init;
  const isSimple = body === null || typeof body === "string" || body instanceof Uint8Array;
  if (typeof input !== "string" || !isSimple || !URL.canParse(input)) return undefined;
  const url = new URL(input);
  if (!/^https?:$/u.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  return {
    url,
    options: {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: fieldsOf(headers),
      body,
    },
  };
}

function fieldsOf(
  headers: NonNullable<RequestInit["headers"]>,
): NonNullable<Dispatcher.DispatchOptions["headers"]> {
  if (headers instanceof Headers) return headers.entries();
  return Array.isArray(headers) ? headers.flat() : headers;
}

function isRedirect({ status, headers }: LeanResponse): boolean {
  return [301, 302, 303, 307, 308].includes(status) && headers.has("location");
}
