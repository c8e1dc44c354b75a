import type { IncomingMessage } from "node:http";

import { isOnThisMachine } from "../../../runtime/http/callers.ts";
import type { Proxies } from "../../../runtime/http/proxies.ts";

/** Undefined for callers on this machine: they share one address and are not limited by it. */
export function countedAddress(request: IncomingMessage, proxies: Proxies): string | undefined {
  return isOnThisMachine(request) ? undefined : proxies.addressOf(request);
}
