import { timingSafeEqual, createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Whether the caller sits on this machine and no proxy stands between. */
export function isOnThisMachine(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress ?? "";
  const isLoopback = address === "::1" || address.replace("::ffff:", "").startsWith("127.");
  return (
    isLoopback && !Object.keys(request.headers).some((name) => /^(?:forwarded|x-forwarded-.*)$/u.test(name))
  );
}

/** Whether the request carries `Authorization: Bearer <token>`. */
export function carriesToken(request: IncomingMessage, token: string): boolean {
  const bearer = /^Bearer (?<token>.+)$/u.exec(request.headers.authorization ?? "");
  return isSameSecret(bearer?.groups?.["token"] ?? "", token);
}

/** Takes the same time for any wrong text; texts of unequal length or encoding are compared too. */
export function isSameSecret(given: string, right: string): boolean {
  return timingSafeEqual(digest(given), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
