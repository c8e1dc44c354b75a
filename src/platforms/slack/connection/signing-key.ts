import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from "node:crypto";

import type { Signed } from "./check-headers.ts";

/**
 * Verifies signatures as Bolt does, ten times as fast: Bolt makes three keys for each request.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export class SigningKey {
  readonly #key: KeyObject;

  /** @throws {TypeError} for an empty secret, with which everybody could sign. */
  constructor(signingSecret: string) {
    if (signingSecret === "") throw new TypeError("The signing secret is empty");
    this.#key = createSecretKey(signingSecret, "utf8");
  }

  /** Whether Slack signed this body at this time. Says nothing about the age of the signature. */
  verifies({ timestamp, signature }: Pick<Signed, "timestamp" | "signature">, body: Uint8Array): boolean {
    const own = createHmac("sha256", this.#key).update(`v0:${timestamp}:`).update(body).digest();
    const [version, hex = ""] = signature.split("=");
    const given = Buffer.from(hex, "hex");
    // Bytes that are no hex digits are left out of `given`.
    return (
      version === "v0" &&
      hex.length === 2 * own.length &&
      given.length === own.length &&
      timingSafeEqual(given, own)
    );
  }
}
