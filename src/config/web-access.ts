import type { IncomingMessage } from "node:http";

import type { Config } from "./config.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { isOnThisMachine } from "../runtime/http/callers.ts";
import { isLoopbackAddress, Proxies } from "../runtime/http/proxies.ts";
import { TokenCheck } from "../runtime/http/token-check.ts";

/** Who may use which part of the port. */
export interface WebAccess {
  readonly tokenCheck: TokenCheck;
  readonly proxies: Proxies;
  /** PUBLIC_URL; `basePath` is its path. */
  readonly publicUrl: string | undefined;
  readonly basePath: string;
  /** The web chat is closed until WEB_TOKEN is set. */
  readonly isClosed: boolean;
  /** For /readyz: callers on this machine, or with a token if one is set. */
  readonly mayReadReasons: (request: IncomingMessage) => boolean;
}

type AccessSettings = Pick<
  Config,
  "WEB_TOKEN" | "PUBLIC_URL" | "TRUSTED_PROXY" | "HOST" | "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN"
>;

/** Logs a warning if the web chat stays closed. */
export function webAccess(
  config: AccessSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): WebAccess {
  const proxies = new Proxies(config.TRUSTED_PROXY);
  const tokenCheck = new TokenCheck({ tokens: config.WEB_TOKEN, proxies, clock });
  const why = tokenCheck.needsToken ? undefined : wayIn(config);
  if (why !== undefined) log.warn({ why }, "the web chat is closed: set WEB_TOKEN to open it");
  const { PUBLIC_URL: publicUrl } = config;
  const basePath = publicUrl === undefined ? "/" : new URL(publicUrl).pathname;
  const mayReadReasons = (request: IncomingMessage): boolean =>
    tokenCheck.needsToken ? tokenCheck.judgeBearer(request)?.kind === "right" : isOnThisMachine(request);
  return { tokenCheck, proxies, publicUrl, basePath, isClosed: why !== undefined, mayReadReasons };
}

/** How others reach the port, if they do: a proxy can make them look as if they were on this machine. */
function wayIn({
  HOST: host,
  SLACK_BOT_TOKEN: bot,
  SLACK_APP_TOKEN: app,
}: AccessSettings): string | undefined {
  if (host !== "localhost" && !isLoopbackAddress(host)) return "HOST is not a loopback address";
  if (bot !== undefined && app === undefined) return "Slack sends its events over HTTP to the same port";
  return undefined;
}
