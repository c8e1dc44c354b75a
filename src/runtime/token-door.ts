import type { IncomingMessage } from "node:http";

import type { Clock } from "../ports/clock.ts";
import { isSameSecret } from "./callers.ts";
import { GuessLimit } from "./guess-limit.ts";
import type { Proxies } from "./proxies.ts";

/** What came of a token that a caller showed. `too-many`: it was not even looked at. */
export type Guess =
  | { readonly kind: "right"; readonly token: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "too-many" };

interface DoorParts {
  /** WEB_TOKEN; any of them opens. None: there is no token. */
  readonly tokens: readonly string[];
  readonly proxies: Proxies;
  readonly clock: Clock;
}

/** Judges tokens, wherever they are shown, with one count of wrong ones. */
export class TokenDoor {
  readonly tokens: readonly string[];
  readonly #proxies: Proxies;
  readonly #clock: Clock;
  readonly #guesses = new GuessLimit();

  constructor({ tokens, proxies, clock }: DoorParts) {
    this.tokens = tokens;
    this.#proxies = proxies;
    this.#clock = clock;
  }

  get needsToken(): boolean {
    return this.tokens.length > 0;
  }

  /**
   * @param known a person who was let in here before: counted alone, so that strangers behind the same proxy lock no
   * such person out.
   */
  judge(request: IncomingMessage, given: string, known?: string): Guess {
    const caller = known === undefined ? this.#proxies.addressOf(request) : `person ${known}`;
    if (this.#guesses.isOver(caller, this.#clock.nowMs())) return { kind: "too-many" };
    const token = this.tokens.find((each) => isSameSecret(given, each));
    if (token !== undefined) return { kind: "right", token };
    this.#guesses.countWrong(caller);
    return { kind: "wrong" };
  }

  /** Judges the `Authorization: Bearer` of a program. Undefined without one: that is no guess. */
  judgeBearer(request: IncomingMessage, known?: string): Guess | undefined {
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    const given = /^Bearer (?<token>.+)$/u.exec(authorization)?.groups?.["token"] ?? "";
    return this.judge(request, given, known);
  }
}
