import { createRequire } from "node:module";
import http from "node:http";
import https from "node:https";

import type { WebSocket } from "ws";

import { proxyVariables, type OutboundProxy } from "../../../runtime/addresses/outbound-proxy.ts";

/** The CommonJS module from which discord.js takes its WebSocket class. */
interface WsModule {
  WebSocket: typeof WebSocket;
}

/**
 * Routes discord.js' gateway connection through a proxy. discord.js has no setting for it and reads the class from
 * the module `ws` when it is loaded, so call this first. Other WebSockets are not affected.
 */
export function routeGatewayThrough(proxy: OutboundProxy): void {
  const { resolve } = createRequire(import.meta.url);
  const fromDiscord = createRequire(createRequire(resolve("discord.js")).resolve("@discordjs/ws"));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module's type can't be checked
  const module = fromDiscord("ws") as WsModule;
  const proxyEnv = proxyVariables(proxy);
  const agents = { "wss:": new https.Agent({ proxyEnv }), "ws:": new http.Agent({ proxyEnv }) };
  module.WebSocket = new Proxy(module.WebSocket, {
    construct: (Class, [address, protocols, options]) => {
      const agent = new URL(String(address)).protocol === "wss:" ? agents["wss:"] : agents["ws:"];
      return new Class(address, protocols, { ...options, agent });
    },
  });
}
