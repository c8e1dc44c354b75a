import type { IncomingMessage } from "node:http";

import type { Clock } from "../../ports/clock.ts";
import { isSameSecret } from "./callers.ts";
import { SignInLimit } from "./sign-in-limit.ts";
import type { Proxies } from "./proxies.ts";

/** The result of a token. `too-many`: it was not compared. */
export type Guess =
  | { readonly kind: "right"; readonly token: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "too-many" };

interface TokenCheckOptions {
  /** The tokens of WEB_TOKEN; any of them is right. */
  readonly tokens: readonly string[];
  readonly proxies: Proxies;
  readonly clock: Clock;
}

/** Checks tokens, with one count of wrong ones for all endpoints. */
export class TokenCheck {
  readonly tokens: readonly string[];
  readonly #proxies: Proxies;
  readonly #clock: Clock;
  readonly #guesses = new SignInLimit();

  constructor({ tokens, proxies, clock }: TokenCheckOptions) {
    this.tokens = tokens;
    this.#proxies = proxies;
    this.#clock = clock;
  }

  get needsToken(): boolean {
    return this.tokens.length > 0;
  }

  /**
   * @param known - a person who signed in before. They are counted separately, so that strangers behind the same proxy can't
   * lock them out.
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
   * Checks `Authorization: Bearer`. Undefined without it: other schemes, such as the Basic login of a proxy, are no guess.
   */
  judgeBearer(request: IncomingMessage, known?: string): Guess | undefined {
    const given = /^Bearer +(?<token>\S.*)$/iu
      .exec(request.headers.authorization ?? "")
      ?.groups?.["token"]?.trim();
    return given === undefined ? undefined : this.judge(request, given, known);
  }
}
