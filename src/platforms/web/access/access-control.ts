import type { IncomingMessage } from "node:http";

import type { ContentfulStatusCode } from "hono/utils/http-status";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { isLoopbackAddress, isProxied, type Proxies } from "../../../runtime/http/proxies.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import type { Guess, TokenCheck } from "../../../runtime/http/token-check.ts";

/** Why a caller is refused; also the key of its log line. */
export type RefusalCause =
  | "closed"
  | "proxy"
  | "other-machine"
  | "host"
  | "origin"
  | "not-signed-in"
  | "wrong-token"
  | "too-many-guesses"
  | "too-many-sockets";

/** The HTTP response to a refused caller. */
export interface AccessRefusal {
  readonly cause: RefusalCause;
  readonly status: ContentfulStatusCode;
  readonly text: string;
}

interface AccessPorts {
  readonly tokenCheck: TokenCheck;
  readonly proxies: Proxies;
  /** PUBLIC_URL: the address at which browsers show the chat. Missing: the requests' own host. */
  readonly publicUrl?: string | undefined;
  /** True if other machines can reach the port and WEB_TOKEN is not set. */
  readonly isClosed: boolean;
  readonly log: Log;
  readonly clock: Clock;
}

const refusals: Readonly<Record<RefusalCause, readonly [status: ContentfulStatusCode, text: string]>> = {
  closed: [
    403,
    "This web chat is closed: other machines can reach this port, and WEB_TOKEN is not set. Set WEB_TOKEN and restart Threadkeeper.",
  ],
  proxy: [
    403,
    "This request came through a proxy, and without WEB_TOKEN the web chat is open to its own machine only. Set WEB_TOKEN to open it to others.",
  ],
  "other-machine": [
    403,
    "Without WEB_TOKEN this web chat is open to its own machine only. Set WEB_TOKEN to open it to others.",
  ],
  host: [
    403,
    "Without WEB_TOKEN this web chat answers only under the names localhost, 127.0.0.1 and [::1]. Set WEB_TOKEN to open it under other names.",
  ],
  origin: [
    403,
    "The address in your browser differs from the one that reached Threadkeeper (Origin and Host differ). The operator can set PUBLIC_URL to the address that your browser shows, let the proxy pass Host on (nginx: proxy_set_header Host $host), or name the proxy in TRUSTED_PROXY and have it send X-Forwarded-Host.",
  ],
  "not-signed-in": [401, "Sign in on the start page, or send Authorization: Bearer with the access token."],
  "wrong-token": [401, "The access token is wrong."],
  "too-many-guesses": [429, "Too many wrong tokens. Wait a minute, then try again."],
  "too-many-sockets": [429, "Too many chats are open from here. Close some, then try again."],
};

/** Decides who may use the chat, from facts that a sender can't choose and a browser does not forge. */
export class AccessControl {
  readonly #parts: AccessPorts;
  readonly #log: SparseLog;

  constructor(parts: AccessPorts) {
    this.#parts = parts;
    this.#log = new SparseLog(parts);
  }

  get needsToken(): boolean {
    return this.#parts.tokenCheck.needsToken;
  }

  /**
   * Without a token only this machine may use the chat, and only under a loopback name. That keeps out web pages
   * whose name points here (DNS rebinding), and callers behind a proxy.
   */
  refusalWithoutToken(request: IncomingMessage): AccessRefusal | undefined {
    if (this.#parts.isClosed) return this.refuse("closed", request);
    if (isProxied(request)) return this.refuse("proxy", request);
    if (!isLoopbackAddress(request.socket.remoteAddress ?? "")) return this.refuse("other-machine", request);
    const isLoopback = isLoopbackName(hostName(request.headers.host ?? ""));
    return isLoopback ? undefined : this.refuse("host", request);
  }

  /** Refuses pages of other origins, which could act for a signed-in person. Programs send no Origin. */
  originRefusal(request: IncomingMessage): AccessRefusal | undefined {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    const { proxies, publicUrl } = this.#parts;
    const isPublicUrl = publicUrl !== undefined && new URL(publicUrl).origin === origin;
    const isSame = isPublicUrl || isOriginOf(origin, proxies.hostOf(request));
    const isRight = isSame && (this.needsToken || isLoopbackName(new URL(origin).hostname));
    return isRight ? undefined : this.refuse("origin", request);
  }

  /** Checks the token of the sign-in form, trimmed: phones add a space to pasted text. */
  checkFormToken(request: IncomingMessage, given: string, known: string | undefined): Guess {
    return this.#parts.tokenCheck.judge(request, given.trim(), known);
  }

  /** Checks a program's `Authorization` header. */
  judgeBearer(request: IncomingMessage, known: string | undefined): Guess | undefined {
    return this.#parts.tokenCheck.judgeBearer(request, known);
  }

  /** Logs a refusal, at most now and then per cause. Callers who have not signed in yet are not logged. */
  refuse(cause: RefusalCause, { headers }: IncomingMessage): AccessRefusal {
    const [status, text] = refusals[cause];
    const facts =
      cause === "origin" || cause === "host"
        ? { host: truncateHeader(headers.host), origin: truncateHeader(headers.origin) }
        : {};
    if (cause !== "not-signed-in") this.#log.warn(cause, facts, `the web chat refused a caller: ${text}`);
    return { cause, status, text };
  }
}

/** Some proxies add the default port, or send the name in capitals. */
function isOriginOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: shown } = new URL(origin);
  return (
    URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === shown && shown !== ""
  );
}

function hostName(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(name);
}

/** Limits what strangers can write into the log. */
function truncateHeader(text: string | undefined): string | undefined {
  return text?.slice(0, 100);
}
