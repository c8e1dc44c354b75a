import { EnvHttpProxyAgent, type Dispatcher } from "undici";

import type { OutboundProxy } from "../../../runtime/addresses/outbound-proxy.ts";

/** The dispatcher that connects Socket Mode through a proxy. */
export function proxyDispatcher({ https, http, except }: OutboundProxy): Dispatcher {
  return new EnvHttpProxyAgent({
    ...(https === undefined ? {} : { httpsProxy: https }),
    ...(http === undefined ? {} : { httpProxy: http }),
    noProxy: except,
    // A WebSocket can't share an HTTP/2 connection.
    allowH2: false,
  });
}
