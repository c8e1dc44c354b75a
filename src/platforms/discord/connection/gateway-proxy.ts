import { createRequire } from "node:module";
import http from "node:http";
import https from "node:https";

import type { WebSocket } from "ws";

import { proxyVariables, type OutboundProxy } from "../../../runtime/addresses/outbound-proxy.ts";

/** As CommonJS has it: what discord.js takes its WebSocket from. */
interface WsModule {
  WebSocket: typeof WebSocket;
}

/**
 * Leads discord.js' connection to its gateway through a proxy. discord.js has no setting for it, and takes the class from
 * the module `ws` when it is loaded: call this before. Our own WebSockets are not touched.
 */
export function routeGatewayThrough(proxy: OutboundProxy): void {
  const { resolve } = createRequire(import.meta.url);
  const fromDiscord = createRequire(createRequire(resolve("discord.js")).resolve("@discordjs/ws"));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a module is can't be checked
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
