import type { Downtime } from "../../domain/inbound.ts";
import type { HttpServer } from "../../runtime/http/http-server.ts";
import { nodeHandler } from "../../runtime/http/node-handler.ts";
import type { OutboundProxy } from "../../runtime/addresses/outbound-proxy.ts";
import type { HistoryAllowance } from "./api/history-pages.ts";
import { clientOptions, SlackApi } from "./api/slack-api.ts";
import { isPermanentRefusal, tokenRefusalIn } from "./api/slack-errors.ts";
import { boltLogger } from "./connection/bolt-logger.ts";
import { ClockSkew } from "./connection/clock-skew.ts";
import { GapDetector } from "./connection/gap-detector.ts";
import { eventsPath, httpEvents } from "./connection/http-receiver.ts";
import { proxyDispatcher } from "./connection/socket-proxy.ts";
import { SocketReceiver, type SocketReceiverPorts } from "./connection/socket-receiver.ts";
import { SlackPlatform } from "./slack-platform.ts";
import { openWorkspace, type WorkspacePorts } from "./slack-workspace.ts";

const missingConnection =
  "SLACK_BOT_TOKEN: set SLACK_APP_TOKEN too (Socket Mode), or SLACK_SIGNING_SECRET (events over HTTP)";

export interface SlackSettings {
  readonly botToken: string;
  /** For events over HTTP; one of this and `appToken` is required. */
  readonly signingSecret?: string;
  /** Switches to Socket Mode. */
  readonly appToken?: string;
  /** Ends in `/api/`. Missing: Slack's own. */
  readonly apiUrl?: string;
  /** For the sockets of Socket Mode; everything sent by `fetch` uses the process's own proxy. */
  readonly proxy?: OutboundProxy;
  readonly history: HistoryAllowance;
  /** Whether workflows that mention the bot get an answer. Missing: no. */
  readonly answersWorkflows?: boolean;
}

export interface SlackOptions extends Omit<WorkspacePorts, "apiUrl" | "allowance" | "answersWorkflows"> {
  readonly settings: SlackSettings;
  readonly http: HttpServer;
  /** Socket Mode is connected again after more than 10 seconds without any connection. */
  readonly onGap?: (downtime: Downtime) => void;
  /** Slack rejects a token for good: the operator has to act. Called once. */
  readonly onFatal?: (why: string) => void;
}

/**
 * Opens all parts, and connects to Slack. @throws {Error} whose message names the setting that Slack refuses, and what
 * to do.
 */
export async function openSlack(options: SlackOptions): Promise<SlackPlatform> {
  const { settings, log, clock, http, onGap } = options;
  const { botToken: token, appToken, signingSecret = "", apiUrl, history: allowance } = settings;
  if ((appToken ?? signingSecret) === "") throw new Error(missingConnection);
  const { answersWorkflows = false } = settings;
  const logger = boltLogger(log);
  const webOptions = clientOptions(apiUrl, logger);
  const api = new SlackApi(token, { ...webOptions }, clock.nowMs);
  const workspace = await openWorkspace(api, { ...options, apiUrl, allowance, answersWorkflows });
  const { ingress } = workspace;
  const clockSkew = new ClockSkew(clock);
  const receiver = { receive: ingress.receive, logger, clock, log };
  const onRefused = refusalReporter(options);
  if (appToken === undefined) {
    const isOpen = (): boolean => ingress.isOpen;
    const handle = httpEvents({ ...receiver, signingSecret, onSkew: clockSkew.record, isOpen });
    http.routes.all(eventsPath, nodeHandler(handle));
    api.onTokenRefused((code) => onRefused("bot", code));
    return new SlackPlatform({ workspace, clockSkew });
  }
  const socket = await openSocket({
    ...receiver,
    appToken,
    options: webOptions,
    gapDetector: new GapDetector(clock, (downtime) => onGap?.(downtime)),
    onRefused: (code) => onRefused("app", code),
    ...(settings.proxy === undefined ? {} : { dispatcher: proxyDispatcher(settings.proxy) }),
  });
  api.onTokenRefused((code) => onRefused("bot", code));
  return new SlackPlatform({ workspace, clockSkew, socket });
}

/** Reports the first permanent refusal of a token, and only that one. */
function refusalReporter({ log, onFatal }: SlackOptions): (token: "bot" | "app", code: string) => void {
  let isReported = false;
  return (token, code) => {
    if (isReported || !isPermanentRefusal(code)) return;
    isReported = true;
    const why = `Slack refuses the ${token} token (${code})`;
    log.error({ why }, "Slack rejected the token; create a new one and restart");
    onFatal?.(why);
  };
}

/** @throws {Error} when Slack rejects the app token. */
async function openSocket(ports: SocketReceiverPorts): Promise<SocketReceiver> {
  const socket = new SocketReceiver(ports);
  try {
    await socket.start();
    return socket;
  } catch (error) {
    await socket[Symbol.asyncDispose]();
    throw new Error(
      `SLACK_APP_TOKEN: Slack refuses it (${tokenRefusalIn(error) ?? "unknown"}). Make an app-level token (xapp-…) with the scope connections:write on your app's "Basic Information" page.`,
      { cause: error },
    );
  }
}
