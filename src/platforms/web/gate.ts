import type { IncomingMessage } from "node:http";

import { carriesToken, isOnThisMachine } from "../../runtime/callers.ts";

/** Decides who may come in, from what a request's sender can't choose or a browser won't forge. */
export class Gate {
  readonly #token: string | undefined;

  constructor(token: string | undefined) {
    this.#token = token;
  }

  get needsToken(): boolean {
    return this.#token !== undefined;
  }

  /**
   * Without a token only this machine counts, and only under a loopback name: a web page elsewhere that lets its own
   * name point here (DNS rebinding) does not get in, nor does whoever a proxy speaks for.
   */
  isHere(request: IncomingMessage): boolean {
    return isOnThisMachine(request) && isLoopbackName(hostName(request.headers.host ?? ""));
  }

  /** A page of another origin may not act for a person who is signed in here. Programs send no Origin. */
  isSameOrigin(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined) return true;
    if (!URL.canParse(origin) || new URL(origin).host !== host) return false;
    return this.needsToken || isLoopbackName(new URL(origin).hostname);
  }

  hasToken(request: IncomingMessage): boolean {
    return this.#token !== undefined && carriesToken(request, this.#token);
  }
}

function hostName(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(name);
}
