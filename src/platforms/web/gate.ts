import type { IncomingMessage } from "node:http";

import type { Clock } from "../../ports/clock.ts";
import { carriesToken, isOnThisMachine, isSameSecret } from "../../runtime/callers.ts";
import { GuessLimit } from "./guess-limit.ts";

/** What came of a token that somebody showed. `too-many`: it was not even looked at. */
export type Guess = "right" | "wrong" | "too-many";

/** Decides who may come in, from what a request's sender can't choose or a browser won't forge. */
export class Gate {
  readonly #token: string | undefined;
  readonly #clock: Clock;
  readonly #guesses = new GuessLimit();

  constructor(token: string | undefined, clock: Clock) {
    this.#token = token;
    this.#clock = clock;
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

  /** Judges the token of the sign-in form. */
  judgeForm(request: IncomingMessage, given: string): Guess {
    return this.#judge(request, (token) => isSameSecret(given, token));
  }

  /** Judges the `Authorization` of a program; without one it is no guess. */
  judgeBearer(request: IncomingMessage): Guess {
    if (request.headers.authorization === undefined) return "wrong";
    return this.#judge(request, (token) => carriesToken(request, token));
  }

  #judge(request: IncomingMessage, isRight: (token: string) => boolean): Guess {
    const address = request.socket.remoteAddress ?? "";
    if (this.#guesses.isOver(address, this.#clock.nowMs())) return "too-many";
    if (this.#token !== undefined && isRight(this.#token)) return "right";
    this.#guesses.countWrong(address);
    return "wrong";
  }
}

function hostName(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(name);
}
