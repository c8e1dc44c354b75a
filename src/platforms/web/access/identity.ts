import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isSameSecret } from "../../../runtime/http/callers.ts";

const plainCookieName = "threadkeeper";
/** Browsers take this name only over HTTPS, for this host alone, and with Path=/: no other site can plant it. */
const secureCookieName = "__Host-threadkeeper";
const yearS = 31_536_000;
const maxValueLength = 300;

/** What a cookie says. */
export interface Identity {
  readonly user: string;
  /** The token by which the person came in, if it still counts; empty where there is no token. */
  readonly admittedBy: string | undefined;
  /** Signed by a version that knew no bound name: it admits nobody, and says only who it was. */
  readonly isLegacy: boolean;
}

/**
 * Signs users' cookies: `<user>.<signature of user>.<signature of user and token>`. A token that no longer counts shuts
 * out the people who came in with it until they sign in again, and they are still who they were.
 */
export class Identities {
  readonly #key: Uint8Array;
  readonly #tokens: readonly string[];

  /** The key is the same on all replicas and after restarts: people keep their conversations. */
  constructor(key: Uint8Array, tokens: readonly string[]) {
    this.#key = key;
    this.#tokens = tokens.length === 0 ? [""] : tokens;
  }

  /**
   * Undefined without a cookie of ours, also for a forged one. Over HTTPS a plain cookie may have been planted by
   * another site, and counts only if it is from before there were bound ones; several plain ones count for nothing.
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
   * Who a person is after showing the right token. Someone whose cookie still admits has no need to: such a cookie may
   * have been planted, so that another would read what the person says next, and the person gets a new identity.
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

  /** The values of Set-Cookie headers that make the browser forget who it was. */
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

/** Whether the browser speaks HTTPS: as a proxy or the browser itself says. One who lies harms only their own cookie. */
function isHttps({ headers }: IncomingMessage): boolean {
  // Each proxy adds its own; the first is what the browser speaks.
  return (
    /^https\b/iu.test(String(headers["x-forwarded-proto"] ?? "")) ||
    headers.origin?.startsWith("https:") === true
  );
}

function cookie(isBound: boolean, value: string, maxAgeS: number): string {
  const [name, secure] = isBound ? [secureCookieName, "; Secure"] : [plainCookieName, ""];
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}

/** Few of them: each costs some signatures. */
function valuesOf(request: IncomingMessage, name: string): readonly string[] {
  return (request.headers.cookie ?? "")
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${name}=`) && each.length <= maxValueLength)
    .slice(0, 4)
    .map((each) => each.slice(name.length + 1));
}
