import type { CommandDefinition } from "../../domain/command.ts";
import type { Accept, OpensConversation } from "../../ports/accept.ts";
import type { Broadcast } from "../../ports/broadcast.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { ErasureRequests } from "../../ports/erasure-requests.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import type { Platform } from "../../ports/platform.ts";
import type { PreferenceStore } from "../../ports/preferences.ts";
import type { RateLimits } from "../../ports/rate-limits.ts";
import type { Renamings } from "../../ports/renamings.ts";
import type { UsageToday } from "../../ports/usage.ts";
import { ChangeFollower } from "./access/change-follower.ts";
import { ChannelLists } from "./access/channel-lists.ts";
import { Channels } from "./access/channel-visibility.ts";
import { Memberships } from "./access/membership.ts";
import { Permissions } from "./access/permissions.ts";
import { SlackReadership } from "./access/readable-places.ts";
import type { BotIdentity } from "./api/bot-identity.ts";
import { ChannelIds } from "./api/channel-ids.ts";
import type { HistoryAllowance } from "./api/history-pages.ts";
import { fileReader } from "./api/read-file.ts";
import type { SlackApi } from "./api/slack-api.ts";
import { UserNames } from "./api/user-names.ts";
import { Workspaces } from "./api/workspaces.ts";
import { Backfiller } from "./history/backfill.ts";
import { MissedMessages } from "./history/missed-messages.ts";
import { RateLimitedHistory } from "./history/rate-limited-history.ts";
import { AppHome } from "./home/app-home.ts";
import type { HomeOwner } from "./home/home-owner.ts";
import { Ingress } from "./inbound/ingress.ts";
import type { KeyedQueue } from "../../async/keyed-queue.ts";
import { UnansweredWorkflows } from "./inbound/unanswered-workflows.ts";
import { PostLookup } from "./outbound/find-post.ts";
import { OwnPosts } from "./outbound/own-posts.ts";
import { SlackPosts } from "./outbound/posts.ts";
import { PrivateReplies } from "./outbound/private-replies.ts";
import { RefusedForms } from "./outbound/refused-forms.ts";
import { SlackRatePlan } from "./outbound/rate-plan.ts";
import { FileSender } from "./outbound/send-files.ts";
import { SlackSharedFiles } from "./outbound/shared-files.ts";
import { PostForms } from "./outbound/post-forms.ts";
import { SessionMethods } from "./outbound/session-methods.ts";
import { SessionTitles } from "./outbound/session-titles.ts";
import { StreamMethods } from "./outbound/stream-methods.ts";
import { StreamPlan } from "./outbound/stream-plan.ts";
import { Streams } from "./outbound/streams.ts";
import { WorkingStatus } from "./outbound/working-status.ts";
import { permalinkOfPost } from "./wire/permalink.ts";

const channelIdsTimeoutMs = 15_000;

/** What all workspaces share. */
export interface WorkspacePorts {
  readonly accept: Accept;
  readonly opensConversation: OpensConversation;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly preferences: PreferenceStore;
  readonly erasureRequests: Pick<ErasureRequests, "cutoffs">;
  readonly usageToday: UsageToday;
  readonly broadcast: Broadcast;
  readonly renamings: Renamings;
  readonly rateLimits: RateLimits;
  readonly files: FileStore;
  readonly log: Log;
  readonly clock: Clock;
  /** Ends in `/api/`. Undefined: Slack's own. */
  readonly apiUrl: string | undefined;
  readonly allowance: HistoryAllowance;
  readonly answersWorkflows: boolean;
  readonly hearsClips: boolean;
  readonly introducesItself: boolean;
  readonly queue: KeyedQueue;
}

interface OpeningPorts extends WorkspacePorts {
  /** See ChannelIds. */
  readonly renamingsOf: string;
}

/** The methods of the Platform port that need the token of a workspace. */
export type WorkspaceMethods = Required<
  Pick<
    Platform,
    | "whenWritable"
    | "createPost"
    | "editPost"
    | "deletePost"
    | "findPost"
    | "permalinkOf"
    | "sendPrivately"
    | "notifyUnanswered"
    | "fetchMissed"
    | "fetchHistory"
    | "readable"
    | "hasRight"
    | "isIn"
    | "sendFilesPrivately"
    | "sharedFiles"
    | "readFile"
    | "showWorking"
    | "showRest"
    | "showsTitles"
    | "showTitle"
  >
>;

/**
 * One installation of the app: a workspace, or an organisation with all its workspaces. It has the token, and every cache
 * and counter that belongs to it.
 */
export interface SlackWorkspace extends WorkspaceMethods, Pick<Streams, "stopAll">, Disposable {
  readonly api: SlackApi;
  readonly self: Identity["self"];
  /** Takes every body that is delivered for it: see Ingress. */
  readonly receive: Ingress["receive"];
  /** Shows a person's Home tab again. Returns at once. */
  readonly showHome: (owner: HomeOwner) => void;
  /** Whether the token is for a workspace; asks Slack again before it says no. Never rejects. */
  readonly knows: (team: string) => Promise<boolean>;
}

type Identity = Awaited<ReturnType<typeof openIdentity>>;

/** @throws {StoreError} */
export async function openWorkspace(
  api: SlackApi,
  account: BotIdentity,
  ports: OpeningPorts,
): Promise<SlackWorkspace> {
  const refusedForms = new RefusedForms(ports.clock);
  const base = { ...ports, ...(await openIdentity(api, account, ports)), api, refusedForms };
  const ownPosts = new OwnPosts(base);
  const privateReplies = new PrivateReplies(base);
  const { sessions, ...outbound } = openOutbound({ ...base, ownPosts, privateReplies });
  const { changes, ...access } = openAccess(base);
  const ingress = new Ingress({ ...base, ownPosts, privateReplies, changes });
  const home = new AppHome({ ...base, ...access, privateReplies });
  return {
    api,
    self: base.self,
    knows: (team) => base.workspaces.knows(team),
    receive: (body, signal) => receiveBy(home, ingress, body, signal),
    showHome: home.show,
    ...outbound,
    ...access,
    readFile: fileReader(base),
    permalinkOf: (conversation, post) => permalinkOfPost(conversation, post, base.self),
    fetchMissed: new MissedMessages({ ...base, history: new RateLimitedHistory(base) }).fetchMissed,
    fetchHistory: new Backfiller(base).read,
    [Symbol.dispose]: () => {
      for (const each of [home, ...sessions, changes, ownPosts, base.channelIds]) each[Symbol.dispose]();
    },
  };
}

/** @throws see Ingress. */
async function receiveBy(
  home: AppHome,
  ingress: Ingress,
  ...[body, signal]: Parameters<Ingress["receive"]>
): ReturnType<Ingress["receive"]> {
  const atHome = home.receive(body, signal);
  return atHome === undefined ? ingress.receive(body, signal) : atHome.then(() => undefined);
}

/** The token's account and workspaces, channel ids and names. @throws {StoreError} */
async function openIdentity(api: SlackApi, account: BotIdentity, ports: OpeningPorts) {
  const { clock, log, answersWorkflows, hearsClips, introducesItself } = ports;
  const channelIds = await openChannelIds(api, ports);
  const workspaces = new Workspaces({ api, clock, log, self: account });
  await workspaces.list();
  const settings = { answersWorkflows, hearsClips, introducesItself };
  const self = { ...account, isOurs: workspaces.has, currentId: channelIds.currentId, ...settings };
  const unansweredWorkflows = new UnansweredWorkflows(ports);
  return { self, workspaces, channelIds, unansweredWorkflows, names: new UserNames(api, clock) };
}

/** @throws {StoreError} */
async function openChannelIds(api: SlackApi, ports: OpeningPorts): Promise<ChannelIds> {
  const channelIds = new ChannelIds(ports);
  try {
    await channelIds.read(AbortSignal.timeout(channelIdsTimeoutMs));
  } catch (error) {
    channelIds[Symbol.dispose]();
    throw error;
  }
  api.useChannelIds(channelIds);
  return channelIds;
}

/** What all parts are made of. */
interface BasePorts extends OpeningPorts, Identity {
  readonly api: SlackApi;
  readonly refusedForms: RefusedForms;
}

function openOutbound(
  base: BasePorts & { readonly ownPosts: OwnPosts; readonly privateReplies: PrivateReplies },
) {
  const { privateReplies, rateLimits, clock, self } = base;
  const postLookup = new PostLookup(base);
  const ratePlan = new SlackRatePlan(rateLimits, clock, self.teamId);
  const methods = new SessionMethods(base);
  const status = new WorkingStatus({ ...base, methods });
  const forms = new PostForms(base.refusedForms);
  const plan = new StreamPlan(rateLimits, clock, self.teamId);
  const streams = new Streams({ clock, methods: new StreamMethods(base), plan, status, forms });
  const posts = new SlackPosts({ ...base, postLookup, ratePlan, forms, streams });
  const titles = new SessionTitles({ ...base, methods });
  return {
    whenWritable: posts.whenWritable,
    createPost: posts.create,
    editPost: posts.edit,
    deletePost: posts.delete,
    findPost: postLookup.find,
    sendPrivately: (...[to, texts, signal, offer]: Parameters<Platform["sendPrivately"]>) =>
      privateReplies.tell(to, texts, signal, offer),
    notifyUnanswered: (...[to, told, signal]: Parameters<WorkspaceMethods["notifyUnanswered"]>) =>
      privateReplies.tellUnanswered(to, told, signal),
    sendFilesPrivately: new FileSender(base).send,
    sharedFiles: new SlackSharedFiles(base),
    showWorking: status.show,
    showRest: async (...rest: Parameters<WorkspaceMethods["showRest"]>) => {
      await streams.rest(...rest);
      await status.rest(...rest);
    },
    showsTitles: titles.areShown,
    showTitle: titles.show,
    stopAll: streams.stopAll,
    sessions: [streams, status, titles],
  };
}

/** Readership and permissions share their caches of channels and memberships, which follow changes in Slack. */
function openAccess(ports: BasePorts) {
  const channels = new Channels(ports.api, ports.clock);
  const memberships = new Memberships(ports);
  const lists = new ChannelLists(ports);
  const permissions = new Permissions({ channels, memberships });
  return {
    readable: new SlackReadership({ ...ports, channels, memberships, lists }).of,
    hasRight: permissions.may,
    isIn: permissions.isIn,
    changes: new ChangeFollower({ ...ports, channels, memberships, lists }),
  };
}
