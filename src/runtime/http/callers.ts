import { timingSafeEqual, createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isLoopbackAddress, isProxied } from "./proxies.ts";

/** Whether the caller is on this machine, without a proxy in between. */
export function isOnThisMachine(request: IncomingMessage): boolean {
  return isLoopbackAddress(request.socket.remoteAddress ?? "") && !isProxied(request);
}

/** Compares in constant time, also texts of different lengths. */
export function isSameSecret(given: string, right: string): boolean {
  return timingSafeEqual(digest(given), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
