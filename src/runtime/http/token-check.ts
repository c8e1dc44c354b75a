import type { IncomingMessage } from "node:http";

import type { Clock } from "../../ports/clock.ts";
import { isSameSecret } from "./callers.ts";
import { SignInLimit } from "./sign-in-limit.ts";
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
export class TokenCheck {
  readonly tokens: readonly string[];
  readonly #proxies: Proxies;
  readonly #clock: Clock;
  readonly #guesses = new SignInLimit();

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
    const callers = known === undefined ? this.#proxies.callersOf(request) : [`person ${known}`];
    if (this.#guesses.isOver(callers, this.#clock.nowMs())) return { kind: "too-many" };
    const token = this.tokens.find((each) => isSameSecret(given, each));
    if (token !== undefined) return { kind: "right", token };
    this.#guesses.countWrong(callers);
    return { kind: "wrong" };
  }

  /**
   * Judges the `Authorization: Bearer` of a program. Undefined without one: that is no guess, and neither is what a
   * browser sends to a proxy that asks for a name and a password.
   */
  judgeBearer(request: IncomingMessage, known?: string): Guess | undefined {
    const given = /^Bearer +(?<token>\S.*)$/iu
      .exec(request.headers.authorization ?? "")
      ?.groups?.["token"]?.trim();
    return given === undefined ? undefined : this.judge(request, given, known);
  }
}
