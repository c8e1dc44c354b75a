import type { CommandDefinition } from "../../domain/command.ts";
import type { Downtime } from "../../domain/inbound.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Broadcast } from "../../ports/broadcast.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Log } from "../../ports/log.ts";
import type { Renamings } from "../../ports/renamings.ts";
import type { RateLimits } from "../../ports/rate-limits.ts";
import type { HttpServer } from "../../runtime/http/http-server.ts";
import type { OutboundProxy } from "../../runtime/addresses/outbound-proxy.ts";
import { ReplyBudget } from "../../runtime/rate/reply-budget.ts";
import { ChannelLists } from "./access/channel-lists.ts";
import { Channels } from "./access/channel-visibility.ts";
import { Memberships } from "./access/membership.ts";
import { Permissions } from "./access/permissions.ts";
import { SlackReadership } from "./access/readable-places.ts";
import { fetchBotIdentity } from "./api/bot-identity.ts";
import { ChannelIds } from "./api/channel-ids.ts";
import type { HistoryAllowance } from "./api/history-pages.ts";
import { clientOptions, SlackApi } from "./api/slack-api.ts";
import { isPermanentRefusal, tokenRefusalIn } from "./api/slack-errors.ts";
import { UserNames } from "./api/user-names.ts";
import { Workspaces } from "./api/workspaces.ts";

import { boltLogger } from "./connection/bolt-logger.ts";
import { ClockSkew } from "./connection/clock-skew.ts";
import { GapDetector } from "./connection/gap-detector.ts";
import { eventsPath, httpEvents } from "./connection/http-receiver.ts";
import { proxyDispatcher } from "./connection/socket-proxy.ts";
import { SocketReceiver, type SocketReceiverPorts } from "./connection/socket-receiver.ts";
import { Backfiller } from "./history/backfill.ts";
import { MissedMessages } from "./history/missed-messages.ts";
import { RateLimitedHistory } from "./history/rate-limited-history.ts";
import { Ingress } from "./inbound/ingress.ts";
import { WorkflowCalls } from "./inbound/workflow-calls.ts";
import { PostLookup } from "./outbound/find-post.ts";
import { OwnPosts } from "./outbound/own-posts.ts";
import { SlackPosts } from "./outbound/posts.ts";
import { PrivateReplies } from "./outbound/private-replies.ts";
import { SlackRatePlan } from "./outbound/rate-plan.ts";
import { FileSender } from "./outbound/send-files.ts";
import { SlackPlatform } from "./slack-platform.ts";

const missingConnection =
  "SLACK_BOT_TOKEN: set SLACK_APP_TOKEN too (Socket Mode), or SLACK_SIGNING_SECRET (events over HTTP)";

const channelIdsTimeoutMs = 15_000;

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

export interface SlackOptions {
  readonly settings: SlackSettings;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly broadcast: Broadcast;
  readonly renamings: Renamings;
  readonly rateLimits: RateLimits;
  readonly http: HttpServer;
  readonly log: Log;
  readonly clock: Clock;
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
  const logger = boltLogger(log);
  const webOptions = clientOptions(apiUrl, logger);
  const api = new SlackApi(token, { ...webOptions }, clock.nowMs);
  const parts = openParts({ ...options, ...(await openIdentity(api, options)), api, apiUrl, allowance });
  const { ingress, clockSkew } = parts;
  const receiver = { receive: ingress.receive, logger, clock, log };
  const onRefused = refusalReporter(options);
  if (appToken === undefined) {
    const isOpen = (): boolean => ingress.isOpen;
    http.route(eventsPath, httpEvents({ ...receiver, signingSecret, onSkew: clockSkew.record, isOpen }));
    api.onTokenRefused((code) => onRefused("bot", code));
    return new SlackPlatform(parts);
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
  return new SlackPlatform({ ...parts, socket });
}

/** What all parts are made of. */
interface BasePorts extends SlackOptions, Awaited<ReturnType<typeof openIdentity>> {
  readonly api: SlackApi;
  readonly apiUrl: string | undefined;
  readonly allowance: HistoryAllowance;
}

function openParts(base: BasePorts) {
  const ownPosts = new OwnPosts(base);
  const postLookup = new PostLookup({ ...base, ownPosts });
  const budget = new SlackRatePlan(new ReplyBudget(base.rateLimits, base.clock), base.self.teamId);
  const privateReplies = new PrivateReplies(base);
  return {
    ...base,
    ...openAccess(base),
    ownPosts,
    postLookup,
    posts: new SlackPosts({ ...base, ownPosts, postLookup, budget }),
    privateReplies,
    files: new FileSender({ ...base, privateReplies }),
    missedMessages: new MissedMessages({ ...base, history: new RateLimitedHistory(base) }),
    backfiller: new Backfiller(base),
    ingress: new Ingress({ ...base, ownPosts, privateReplies }),
    clockSkew: new ClockSkew(base.clock),
  };
}

/** The token's account and workspaces, channel ids and names. @throws see fetchBotIdentity; {StoreError} */
async function openIdentity(api: SlackApi, options: SlackOptions) {
  const { clock, log } = options;
  const account = await fetchBotIdentity(api, clock);
  const channelIds = await openChannelIds(api, options);
  const workspaces = new Workspaces({ api, clock, log, self: account });
  await workspaces.list();
  const { answersWorkflows = false } = options.settings;
  const self = { ...account, isOurs: workspaces.has, currentId: channelIds.currentId, answersWorkflows };
  const workflowCalls = new WorkflowCalls(options);
  return { self, workspaces, channelIds, workflowCalls, names: new UserNames(api, clock) };
}

/** @throws {StoreError} */
async function openChannelIds(api: SlackApi, options: SlackOptions): Promise<ChannelIds> {
  const channelIds = new ChannelIds(options);
  try {
    await channelIds.read(AbortSignal.timeout(channelIdsTimeoutMs));
  } catch (error) {
    channelIds[Symbol.dispose]();
    throw error;
  }
  api.useChannelIds(channelIds);
  return channelIds;
}

/** Readership and permissions share their caches of channels and memberships. */
function openAccess(ports: BasePorts) {
  const channels = new Channels(ports.api, ports.clock);
  const memberships = new Memberships(ports);
  const lists = new ChannelLists(ports);
  return {
    readable: new SlackReadership({ ...ports, channels, memberships, lists }),
    permissions: new Permissions({ channels, memberships }),
  };
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
