import { timingSafeEqual, createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isLoopbackAddress, isProxied } from "./proxies.ts";

/** Whether the caller sits on this machine and no proxy stands between. */
export function isOnThisMachine(request: IncomingMessage): boolean {
  return isLoopbackAddress(request.socket.remoteAddress ?? "") && !isProxied(request);
}

/** Takes the same time for any wrong text; texts of unequal length or encoding are compared too. */
export function isSameSecret(given: string, right: string): boolean {
  return timingSafeEqual(digest(given), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
