import { App, type Logger, type Receiver } from "@slack/bolt";
import type { WebClientOptions } from "@slack/web-api";

import type { BotIdentity } from "../api/bot-identity.ts";
import type { Ingress } from "../inbound/ingress.ts";

export interface BoltAppPorts {
  readonly token: string;
  readonly self: BotIdentity;
  readonly options: WebClientOptions;
  readonly logger: Logger;
  readonly receive: Ingress["receive"];
}

/** Receivers are created elsewhere, and there may be several. */
const noReceiver: Receiver = {
  init: () => undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

/**
 * Bolt's App, changed to acknowledge an event only after it was stored. By itself it acknowledges first, and a crash after
 * that would lose the event.
 */
export async function openBoltApp(ports: BoltAppPorts): Promise<App> {
  const { botId, botUserId } = ports.self;
  const app = new App({
    token: ports.token,
    botId,
    botUserId,
    // The token was verified before, where a refusal can be caught.
    tokenVerificationEnabled: false,
    deferInitialization: true,
    receiver: noReceiver,
    convoStore: false,
    // Ingress filters our own posts; Bolt would let our own edits through.
    ignoreSelf: false,
    logger: ports.logger,
    // A copy: Bolt writes into it.
    clientOptions: { ...ports.options },
  });
  await app.init();
  const dispatch = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    const answer = await ports.receive(event.body);
    if (!isEvent(event.body)) return event.ack(answer);
    // The event is stored or does not concern us, so it is acknowledged even if Bolt can't handle it.
    await dispatch(event).catch(() => event.ack());
  };
  return app;
}

/** Bolt acknowledges bodies with a typed `event` by itself. */
function isEvent(body: Readonly<Record<string, unknown>>): boolean {
  const { event } = body;
  return typeof event === "object" && event !== null && "type" in event;
}
