import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isSameSecret } from "../../../runtime/http/callers.ts";

const plainCookieName = "threadkeeper";
/**
 * Browsers accept this prefix only over HTTPS, for this host, with Path=/, so no other site can plant the cookie:
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const secureCookieName = "__Host-threadkeeper";
const yearS = 31_536_000;
const maxValueLength = 300;

/** The content of a cookie. */
export interface Identity {
  readonly user: string;
  /** The token that admitted the person. Undefined: it is no longer valid. Empty: no token is set. */
  readonly admittedBy: string | undefined;
  /** Signed by a version without secure cookies: it identifies the person and admits nobody. */
  readonly isLegacy: boolean;
}

/**
 * Signs and reads cookies: `<user>.<signature of user>.<signature of user and token>`. After a token is removed, its
 * people must sign in again, and keep their identity.
 */
export class Identities {
  readonly #key: Uint8Array;
  readonly #tokens: readonly string[];

  /** `key` must be the same on all replicas and after restarts, so that people keep their conversations. */
  constructor(key: Uint8Array, tokens: readonly string[]) {
    this.#key = key;
    this.#tokens = tokens.length === 0 ? [""] : tokens;
  }

  /**
   * Undefined without a valid cookie. Over HTTPS another site may have planted a plain cookie, so it counts only if
   * it is from before secure cookies; several different plain ones count for nothing.
   */
  read(request: IncomingMessage): Identity | undefined {
    const bound = this.#identitiesIn(request, secureCookieName)[0];
    if (bound !== undefined) return bound;
    const plain = this.#identitiesIn(request, plainCookieName).filter(
      ({ isLegacy }) => isLegacy || !isHttps(request),
    );
    const [first] = plain;
    return plain.every(({ user }) => user === first?.user) ? first : undefined;
  }

  /**
   * The identity after signing in with the right token. A cookie that already admits may be planted, for another
   * person to read along, so its bearer gets a new identity.
   */
  userAfterSignIn(request: IncomingMessage): string | undefined {
    const known = this.read(request);
    return known?.admittedBy === undefined ? known?.user : undefined;
  }

  /** The value of a Set-Cookie header. */
  cookieFor(user: string, admittedBy: string, request: IncomingMessage): string {
    const value = `${user}.${this.#userSignature(user)}.${this.#tokenSignature(user, admittedBy)}`;
    return cookie(isHttps(request), value, yearS);
  }

  /** Values of Set-Cookie headers that delete the cookies. */
  clearingCookies(): readonly string[] {
    return [cookie(true, "", 0), cookie(false, "", 0)];
  }

  #identitiesIn(request: IncomingMessage, name: string): readonly Identity[] {
    return valuesOf(request, name).flatMap((value) => this.#identityOf(value) ?? []);
  }

  #identityOf(value: string): Identity | undefined {
    const [user = "", proof = "", admission = ""] = value.split(".");
    if (user === "") return undefined;
    if (isSameSecret(proof, this.#sign(user))) return { user, admittedBy: undefined, isLegacy: true };
    if (!isSameSecret(proof, this.#userSignature(user))) return undefined;
    const admittedBy = this.#tokens.find((token) =>
      isSameSecret(admission, this.#tokenSignature(user, token)),
    );
    return { user, admittedBy, isLegacy: false };
  }

  #userSignature(user: string): string {
    return this.#sign(`user ${user}`);
  }

  #tokenSignature(user: string, token: string): string {
    return this.#sign(`admitted ${user} ${token}`);
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

/** True if the browser uses HTTPS, according to a proxy or the browser. A false claim harms only its sender. */
function isHttps({ headers }: IncomingMessage): boolean {
  // Each proxy appends its own value; the first is the browser's.
  return (
    /^https\b/iu.test(String(headers["x-forwarded-proto"] ?? "")) ||
    headers.origin?.startsWith("https:") === true
  );
}

function cookie(isBound: boolean, value: string, maxAgeS: number): string {
  const [name, secure] = isBound ? [secureCookieName, "; Secure"] : [plainCookieName, ""];
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}

/** At most four: each costs several signatures. */
function valuesOf(request: IncomingMessage, name: string): readonly string[] {
  return (request.headers.cookie ?? "")
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${name}=`) && each.length <= maxValueLength)
    .slice(0, 4)
    .map((each) => each.slice(name.length + 1));
}
