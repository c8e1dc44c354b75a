import { EnvHttpProxyAgent, type Dispatcher } from "undici";

import type { OutboundProxy } from "../../../runtime/addresses/outbound-proxy.ts";

/** What leads Socket Mode through a proxy. */
export function socketThrough({ https, http, except }: OutboundProxy): Dispatcher {
  return new EnvHttpProxyAgent({
    ...(https === undefined ? {} : { httpsProxy: https }),
    ...(http === undefined ? {} : { httpProxy: http }),
    noProxy: except,
    // A WebSocket needs a connection of its own.
    allowH2: false,
  });
}
