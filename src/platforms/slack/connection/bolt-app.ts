import { App, type Logger, type Receiver } from "@slack/bolt";
import type { WebClientOptions } from "@slack/web-api";

import type { Ingress } from "../inbound/ingress.ts";
import type { Self } from "../api/bot-identity.ts";

export interface BoltAppPorts {
  readonly token: string;
  readonly self: Self;
  readonly options: WebClientOptions;
  readonly logger: Logger;
  readonly take: Ingress["take"];
}

/** Receivers are made where they are used, and there may be several. */
const noReceiver: Receiver = {
  init: () => undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

/**
 * Bolt's App, taught to acknowledge late. By itself it acknowledges an event before anybody has seen it, and a crash
 * in between would lose it.
 */
export async function openBoltApp(ports: BoltAppPorts): Promise<App> {
  const { botId, botUserId } = ports.self;
  const app = new App({
    token: ports.token,
    botId,
    botUserId,
    // The token was verified before, and there a refusal can be caught.
    tokenVerificationEnabled: false,
    deferInitialization: true,
    receiver: noReceiver,
    convoStore: false,
    // Intake knows better: Bolt would let our own edits through.
    ignoreSelf: false,
    logger: ports.logger,
    // A copy: Bolt writes into it.
    clientOptions: { ...ports.options },
  });
  await app.init();
  const dispatch = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    const answer = await ports.take(event.body);
    if (!isEvent(event.body)) return event.ack(answer);
    // It is stored, or it is no business of ours: Slack need not repeat what Bolt can't make sense of.
    await dispatch(event).catch(() => event.ack());
  };
  return app;
}

/** Bolt acknowledges events by itself; it reads the type of what stands in `event`. */
function isEvent(body: Readonly<Record<string, unknown>>): boolean {
  const { event } = body;
  return typeof event === "object" && event !== null && "type" in event;
}
