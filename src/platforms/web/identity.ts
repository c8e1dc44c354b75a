import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isSameSecret } from "../../runtime/callers.ts";

const cookieName = "threadkeeper";
const yearS = 31_536_000;

/** What a cookie says. `isAdmitted`: it was given after the present WEB_TOKEN (or where there is none). */
export interface Identity {
  readonly user: string;
  readonly isAdmitted: boolean;
}

/**
 * Signs users' cookies: `<user>.<signature of user>.<signature of user and token>`.
 * A new token shuts everybody out until they sign in again, and they are still who they were.
 */
export class Identities {
  readonly #key: Uint8Array;
  readonly #token: string;

  /** The key is the same on all replicas and after restarts: people keep their conversations. */
  constructor(key: Uint8Array, token: string | undefined) {
    this.#key = key;
    this.#token = token ?? "";
  }

  /** Undefined without a cookie of ours, also for a forged one. */
  read(request: IncomingMessage): Identity | undefined {
    const [user = "", proof = "", admission = ""] = cookieOf(request).split(".");
    if (user === "" || !isSameSecret(proof, this.#sign(user))) return undefined;
    return { user, isAdmitted: isSameSecret(admission, this.#sign(`${user} ${this.#token}`)) };
  }

  /** The value of a Set-Cookie header. */
  cookieFor(user: string, request: IncomingMessage): string {
    const value = `${user}.${this.#sign(user)}.${this.#sign(`${user} ${this.#token}`)}`;
    // Each proxy adds its own; the first is what the browser speaks.
    const isHttps = /^https\b/iu.test(String(request.headers["x-forwarded-proto"] ?? ""));
    const secure = isHttps ? "; Secure" : "";
    return `${cookieName}=${value}; Path=/; Max-Age=${yearS}; HttpOnly; SameSite=Strict${secure}`;
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

function cookieOf(request: IncomingMessage): string {
  const cookies = (request.headers.cookie ?? "").split(";").map((each) => each.trim());
  return cookies.find((each) => each.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? "";
}
