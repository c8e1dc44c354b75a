import type { Downtime } from "../../domain/inbound.ts";
import type { HttpServer } from "../../runtime/http/http-server.ts";
import { nodeHandler } from "../../runtime/http/node-handler.ts";
import type { OutboundProxy } from "../../runtime/addresses/outbound-proxy.ts";
import { dispatcherFor } from "../../runtime/fetch/lean-fetch.ts";
import type { Installations } from "../../ports/installations.ts";
import { fetchBotIdentity } from "./api/bot-identity.ts";
import type { HistoryAllowance } from "./api/history-pages.ts";
import { clientOptions, SlackApi, type ClientOptions } from "./api/slack-api.ts";
import { isPermanentRefusal, tokenRefusalIn } from "./api/slack-errors.ts";
import { boltLogger } from "./connection/bolt-logger.ts";
import { ClockSkew } from "./connection/clock-skew.ts";
import { GapDetector } from "./connection/gap-detector.ts";
import { eventsPath, httpEvents } from "./connection/http-receiver.ts";
import type { SocketReceiver, SocketReceiverPorts } from "./connection/socket-receiver.ts";
import { KeyedQueue } from "../../async/keyed-queue.ts";
import { EndedInstallations } from "./ended-installations.ts";
import { Router } from "./router.ts";
import { SlackPlatform } from "./slack-platform.ts";
import { SlackWorkspaces } from "./slack-workspaces.ts";
import { openWorkspace, type WorkspacePorts } from "./slack-workspace.ts";

const missingConnection =
  "SLACK_BOT_TOKEN: set SLACK_APP_TOKEN too (Socket Mode), or SLACK_SIGNING_SECRET (events over HTTP)";

const storeTimeoutMs = 15_000;

export interface SlackSettings {
  readonly botToken: string;
  /** For events over HTTP; one of this and `appToken` is required. */
  readonly signingSecret?: string;
  /** Switches to Socket Mode. */
  readonly appToken?: string;
  /** Ends in `/api/`. Missing: Slack's own. */
  readonly apiUrl?: string;
  /** For the Web API and Socket Mode; what is sent by `fetch` uses the process's own proxy. */
  readonly proxy?: OutboundProxy;
  readonly history: HistoryAllowance;
  /** Whether workflows that mention the bot get an answer. Missing: no. */
  readonly answersWorkflows?: boolean;
  /** Whether the bot listens to recordings by itself. Missing: no. */
  readonly hearsClips?: boolean;
  /** Whether the bot introduces itself in a channel where it is added. Missing: no. */
  readonly introducesItself?: boolean;
}

export interface SlackOptions extends Omit<
  WorkspacePorts,
  "apiUrl" | "allowance" | "answersWorkflows" | "hearsClips" | "introducesItself" | "queue"
> {
  readonly settings: SlackSettings;
  /** More workspaces, beside that of `settings.botToken`. */
  readonly installations: Installations;
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
  const { appToken, signingSecret = "", apiUrl } = settings;
  if ((appToken ?? signingSecret) === "") throw new Error(missingConnection);
  await checkKeys(options.installations);
  const logger = boltLogger(log);
  const webOptions = clientOptions({ apiUrl, logger, proxy: settings.proxy });
  const workspaces = await openWorkspaces(options, webOptions);
  const ended = new EndedInstallations({ ...options, workspaces });
  const router = new Router({ ...options, workspaces, ended });
  const clockSkew = new ClockSkew(clock);
  const receiver = { receive: router.receive, logger, clock, log };
  const onRefused = refusalReporter(options, workspaces);
  const { api } = workspaces.home;
  if (appToken === undefined) {
    const isOpen = (): boolean => router.isOpen;
    const handle = httpEvents({ ...receiver, signingSecret, onSkew: clockSkew.record, isOpen });
    http.routes.all(eventsPath, nodeHandler(handle));
    api.onTokenRefused((code) => onRefused("bot", code));
    return new SlackPlatform({ workspaces, router, clockSkew });
  }
  const socket = await openSocket({
    ...receiver,
    appToken,
    options: webOptions,
    gapDetector: new GapDetector(clock, (downtime) => onGap?.(downtime)),
    onRefused: (code) => onRefused("app", code),
    ...(settings.proxy === undefined ? {} : { dispatcher: dispatcherFor(settings.proxy) }),
  });
  api.onTokenRefused((code) => onRefused("bot", code));
  return new SlackPlatform({ workspaces, router, clockSkew, socket });
}

/** @throws see fetchBotIdentity; {StoreError} */
async function openWorkspaces(options: SlackOptions, webOptions: ClientOptions): Promise<SlackWorkspaces> {
  const { settings, clock } = options;
  const { botToken, apiUrl, history: allowance, answersWorkflows = false } = settings;
  const { hearsClips = false, introducesItself = false } = settings;
  const api = new SlackApi(botToken, { ...webOptions }, clock.nowMs);
  const account = await fetchBotIdentity(api, clock, "SLACK_BOT_TOKEN");
  const queue = new KeyedQueue();
  const rules = { allowance, answersWorkflows, hearsClips, introducesItself };
  const ports = { ...options, apiUrl, ...rules, queue, webOptions };
  const home = await openWorkspace(api, account, { ...ports, renamingsOf: "slack" });
  return new SlackWorkspaces(home, ports);
}

/** @throws {Error} when `SECRET_KEY` does not open each stored installation; {StoreError} */
async function checkKeys(installations: Installations): Promise<void> {
  const stored = await installations.list("slack", AbortSignal.timeout(storeTimeoutMs));
  const sealed = stored.filter(({ isReadable }) => !isReadable).length;
  if (sealed === 0) return;
  throw new Error(
    `SECRET_KEY: it does not open ${sealed} of ${stored.length} stored installations. Set the key that they were stored with (several keys are separated by commas), or remove them: npm run installations -- list`,
  );
}

/** Reports the first permanent refusal of a token, and only that one. */
function refusalReporter(
  { log, onFatal }: SlackOptions,
  workspaces: SlackWorkspaces,
): (token: "bot" | "app", code: string) => void {
  let isReported = false;
  return (token, code) => {
    if (isReported || !isPermanentRefusal(code)) return;
    isReported = true;
    const why = `Slack refuses the ${token} token (${code})`;
    log.error({ why }, "Slack rejected the token; create a new one and restart");
    // Without the bot token, the stored installations go on.
    const others = token === "bot" ? workspaces.hasStored().catch(() => false) : Promise.resolve(false);
    void others.then((areStored) => (areStored ? undefined : onFatal?.(why)));
  };
}

/** @throws {Error} when Slack rejects the app token. */
async function openSocket(ports: SocketReceiverPorts): Promise<SocketReceiver> {
  const { SocketReceiver } = await import("./connection/socket-receiver.ts");
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
