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
import { openBoltApp } from "./connection/bolt-app.ts";
import { boltLog } from "./connection/bolt-log.ts";
import { MissedMessages } from "./history/missed-messages.ts";
import { ChannelIds } from "./api/channel-ids.ts";
import { ChannelLists } from "./access/channel-lists.ts";
import { Channels } from "./access/channel-visibility.ts";
import { Backfiller } from "./history/backfill.ts";
import { FileSender } from "./outbound/send-files.ts";
import { ClockSkew } from "./connection/clock-skew.ts";
import { eventsPath, httpEvents } from "./connection/http-receiver.ts";
import { GapDetector } from "./connection/gap-detector.ts";
import type { HistoryAllowance } from "./api/history-pages.ts";
import { Ingress } from "./inbound/ingress.ts";
import { Names } from "./api/user-names.ts";
import { OwnPosts } from "./outbound/own-posts.ts";
import { RateLimitedHistory } from "./history/rate-limited-history.ts";
import { Permissions } from "./access/permissions.ts";
import { PostLookup } from "./outbound/find-post.ts";
import { PrivateReplies } from "./outbound/private-replies.ts";
import { SlackReadership } from "./access/readable-places.ts";
import { clientOptions, SlackApi } from "./api/slack-api.ts";
import { SlackRatePlan } from "./outbound/rate-plan.ts";
import { isFinal, refusalIn } from "./api/slack-errors.ts";
import { SlackPosts } from "./outbound/posts.ts";
import { SocketReceiver } from "./connection/socket-receiver.ts";
import { socketThrough } from "./connection/socket-proxy.ts";
import { Memberships } from "./access/membership.ts";
import { WorkflowCalls } from "./inbound/workflow-calls.ts";
import { whoWeAre, type Self } from "./api/bot-identity.ts";
import { Workspaces } from "./api/workspaces.ts";
import { SlackPlatform } from "./slack-platform.ts";

const noWayIn =
  "SLACK_BOT_TOKEN: set SLACK_APP_TOKEN too (Socket Mode), or SLACK_SIGNING_SECRET (events over HTTP)";

const idsWithinMs = 15_000;

export interface SlackSettings {
  readonly botToken: string;
  /** For events over HTTP; one of this and `appToken` is needed. */
  readonly signingSecret?: string;
  /** Switches to Socket Mode. */
  readonly appToken?: string;
  /** Ends in `/api/`. Missing: Slack's own. */
  readonly apiUrl?: string;
  /** For Socket Mode: what is fetched goes there anyway. */
  readonly proxy?: OutboundProxy;
  readonly history: HistoryAllowance;
  /** Whether workflows that mention the bot are answered. Missing: they are heard only. */
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
  /** Socket Mode was away for more than 10 seconds, and is back: nobody heard what was said in that time. */
  readonly onGap?: (downtime: Downtime) => void;
  /** Slack refuses a token until a person acts; told once. */
  readonly onFatal?: (why: string) => void;
}

/** Connects to Slack. @throws {Error} whose message names the setting that Slack refuses, and what to do. */
export async function openSlack(options: SlackOptions): Promise<SlackPlatform> {
  const { settings, log, clock, http, broadcast, onGap } = options;
  const { botToken: token, appToken, signingSecret, history: allowance } = settings;
  if ((appToken ?? signingSecret ?? "") === "") throw new Error(noWayIn);
  const logger = boltLog(log);
  const webOptions = clientOptions(settings.apiUrl, logger);
  const api = new SlackApi(token, { ...webOptions }, clock.nowMs);
  const { self, ...known } = await whatIsKnown(api, options);
  const base = { ...options, ...known, self, api, allowance };
  const privately = new PrivateReplies({ ...base, apiUrl: settings.apiUrl });
  const own = new OwnPosts({ broadcast, clock, self });
  const ingress = new Ingress({ ...base, own, privately });
  const app = await openBoltApp({ token, self, options: webOptions, logger, take: ingress.take });
  const hearing = new GapDetector(clock, (downtime) => onGap?.(downtime));
  const finder = new PostLookup({ ...base, own });
  const budget = new SlackRatePlan(new ReplyBudget(options.rateLimits, clock), self.teamId);
  const posts = new SlackPosts({ ...base, own, finder, budget });
  const catchUp = new MissedMessages({ ...base, history: new RateLimitedHistory(base) });
  const earlier = new Backfiller(base);
  const files = new FileSender({ ...base, apiUrl: settings.apiUrl, privately });
  const ways = { posts, catchUp, earlier, files, ...whoMayWhat(base) };
  const skew = new ClockSkew(clock);
  const parts = { ...known, self, api, ingress, own, finder, privately, skew, ...ways };
  const refused = tellOnce(options);
  if (appToken === undefined) {
    const heardHere = { app, signingSecret: signingSecret ?? "", logger, clock, log, onSkew: skew.note };
    http.route(eventsPath, httpEvents({ ...heardHere, isOpen: () => ingress.isOpen }));
    api.watch((code) => refused("bot", code));
    return new SlackPlatform(parts);
  }
  const onRefused = (code: string): void => refused("app", code);
  const dispatcher = settings.proxy === undefined ? {} : { dispatcher: socketThrough(settings.proxy) };
  const heard = { app, appToken, logger, options: webOptions, clock, log, hearing, onRefused };
  const link = new SocketReceiver({ ...heard, ...dispatcher });
  await startLink(link);
  api.watch((code) => refused("bot", code));
  return new SlackPlatform({ ...parts, link });
}

/** The token's account and workspaces, and how channels are called. @throws see whoWeAre; {StoreError} */
async function whatIsKnown(api: SlackApi, options: SlackOptions) {
  const { clock, log } = options;
  const account = await whoWeAre(api, clock);
  const channelIds = await openChannelIds(api, options);
  const workspaces = new Workspaces({ api, clock, log, self: account });
  await workspaces.list();
  const { answersWorkflows = false } = options.settings;
  const self = { ...account, isOurs: workspaces.has, currentId: channelIds.current, answersWorkflows };
  const workflowCalls = new WorkflowCalls(options);
  return { self, workspaces, channelIds, workflowCalls, names: new Names(api, clock) };
}

/** @throws {StoreError} */
async function openChannelIds(api: SlackApi, options: SlackOptions): Promise<ChannelIds> {
  const channelIds = new ChannelIds(options);
  try {
    await channelIds.read(AbortSignal.timeout(idsWithinMs));
  } catch (error) {
    channelIds[Symbol.dispose]();
    throw error;
  }
  api.use(channelIds);
  return channelIds;
}

/** What Slack says of channels and people is kept once for both. */
function whoMayWhat(
  ports: Pick<SlackOptions, "clock" | "log"> & {
    readonly api: SlackApi;
    readonly self: Self;
    readonly workspaces: Workspaces;
    readonly channelIds: ChannelIds;
  },
): {
  readonly readable: SlackReadership;
  readonly permissions: Permissions;
} {
  const { api, self, workspaces } = ports;
  const channels = new Channels(api, ports.clock);
  const memberships = new Memberships(ports);
  const lists = new ChannelLists(ports);
  return {
    readable: new SlackReadership({ self, workspaces, channels, memberships, lists }),
    permissions: new Permissions({ channels, memberships }),
  };
}

/** Tells of the first final refusal of a token, and of no other. */
function tellOnce({ log, onFatal }: SlackOptions): (token: "bot" | "app", code: string) => void {
  let isTold = false;
  return (token, code) => {
    if (isTold || !isFinal(code)) return;
    isTold = true;
    const why = `Slack refuses the ${token} token (${code})`;
    log.error({ why }, "Slack needs a person");
    onFatal?.(why);
  };
}

async function startLink(link: SocketReceiver): Promise<void> {
  try {
    await link.start();
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw new Error(
      `SLACK_APP_TOKEN: Slack refuses it (${refusalIn(error) ?? "unknown"}). Make an app-level token (xapp-…) with the scope connections:write on your app's "Basic Information" page.`,
      { cause: error },
    );
  }
}
