import type { Installation } from "../../domain/installation.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { OutboundProxy } from "../../runtime/addresses/outbound-proxy.ts";
import { accountFrom, fetchBotIdentity } from "./api/bot-identity.ts";
import { clientOptions, SlackApi } from "./api/slack-api.ts";
import { boltLogger } from "./connection/bolt-logger.ts";

interface Ports {
  /** Ends in `/api/`. Undefined: Slack's own. */
  readonly apiUrl: string | undefined;
  /** Undefined: Slack is reached directly. */
  readonly proxy: OutboundProxy | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The installation of a bot token, as Slack tells. @throws {Error} that says what to do. */
export async function installationOf(
  token: string,
  { apiUrl, proxy, clock, log }: Ports,
): Promise<Installation> {
  const api = new SlackApi(token, clientOptions({ apiUrl, logger: boltLogger(log), proxy }), clock.nowMs);
  const identity = await fetchBotIdentity(api, clock, "The token");
  const account = accountFrom(identity);
  return { platform: "slack", id: identity.teamId, token, account, installedAtMs: clock.nowMs() };
}
