import type { Client } from "discord.js";

import type { CommandDefinition } from "../../domain/command.ts";
import type { Downtime } from "../../domain/inbound.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Accept, OpensConversation } from "../../ports/accept.ts";
import type { ChosenMessages } from "../../ports/chosen-messages.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import type { Health, Component } from "../../ports/component.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Post } from "../../domain/post.ts";
import type { PostLimits } from "../../ports/platform-posts.ts";
import type { RateLimits } from "../../ports/rate-limits.ts";
import { DiscordApi } from "./api/discord-api.ts";
import { fileReader } from "./api/read-file.ts";
import { MissedMessages } from "./history/missed-messages.ts";
import { registerCommands } from "./inbound/command-registration.ts";
import { privateQuestion } from "./inbound/message-menus.ts";
import { Destinations } from "./outbound/destinations.ts";
import { messagesFrom } from "./history/messages-from.ts";
import { Backfiller } from "./history/backfill.ts";
import { tokenRejected } from "./connection/operator-messages.ts";
import { SessionGaps } from "./history/session-gaps.ts";
import { DeletedChannels } from "./inbound/deleted-channels.ts";
import { HealthWatch } from "./connection/health-watch.ts";
import { MessageReceiver } from "./inbound/message-receiver.ts";
import { Interactions } from "./inbound/interactions.ts";
import { Reactions } from "./inbound/reactions.ts";
import { RetryQueue } from "./api/retry-queue.ts";
import { shownTitle } from "./api/user-names.ts";
import type { DiscordSettings } from "./connection/log-in.ts";
import { ignoreUnreadableEvents } from "./connection/unreadable-events.ts";
import { PendingResponses } from "./outbound/pending-responses.ts";
import { membershipIn } from "./access/membership.ts";
import { Permissions } from "./access/permissions.ts";
import { Posts } from "./outbound/posts.ts";
import { DiscordRatePlan } from "./outbound/rate-plan.ts";
import { ReadablePlaces } from "./access/readable-places.ts";
import { PostTitles } from "./inbound/post-titles.ts";
import { PrivateReplies } from "./outbound/private-replies.ts";
import { Typing } from "./outbound/typing.ts";
import type { PostId } from "../../domain/message.ts";

export interface DiscordOptions {
  readonly settings: DiscordSettings;
  readonly accept: Accept;
  readonly opensConversation: OpensConversation;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly chosenMessages: ChosenMessages;
  readonly rateLimits: RateLimits;
  readonly files: FileStore;
  readonly log: Log;
  readonly clock: Clock;
  /** Messages of this time may have been missed. */
  readonly onGap?: (downtime: Downtime) => void;
  /** Discord stays disconnected until the operator acts and restarts. */
  readonly onFatal?: (why: string) => void;
}

const maxWaiting = 10_000;
const registrationDeadlineMs = 15_000;
const queueGraceMs = 5_000;
const disconnectDeadlineMs = 3_000;

function watchHealth(
  client: Client,
  { clock, log, onFatal }: DiscordOptions,
  onGap: (downtime: Downtime) => void,
): HealthWatch {
  const gaps = new SessionGaps(clock, onGap);
  const watch = new HealthWatch({ clock, log, gaps, onFatal: (why) => onFatal?.(why) });
  ignoreUnreadableEvents(client, { log, clock });
  watch.watch(client);
  watch.watchCalls(client.rest);
  return watch;
}

/** The platform Discord: events from its gateway, calls to its REST API. */
export class DiscordPlatform implements Platform, Component {
  readonly name = "discord";
  /** Discord accepts 2,000 characters in a message. A longer code block would be cut into several. */
  readonly limits: PostLimits = { postChars: 1_900, maxPosts: 4, codeChars: 1_800, carriesStop: true };
  readonly quotes = true;
  readonly #client: Client;
  readonly #options: DiscordOptions;
  readonly #api: DiscordApi;
  readonly #healthWatch: HealthWatch;
  readonly #retryQueue: RetryQueue;
  readonly #interactions: Interactions;
  readonly #typing: Typing;
  readonly #posts: Posts;
  readonly #privateReplies: PrivateReplies;
  readonly whenWritable: Platform["whenWritable"];
  readonly fetchMissed: NonNullable<Platform["fetchMissed"]>;
  readonly fetchHistory: NonNullable<Platform["fetchHistory"]>;
  readonly fetchFrom: NonNullable<Platform["fetchFrom"]>;
  readonly readable: NonNullable<Platform["readable"]>;
  readonly hasRight: NonNullable<Platform["hasRight"]>;
  readonly isIn: NonNullable<Platform["isIn"]>;
  readonly readFile: NonNullable<Platform["readFile"]>;

  constructor(client: Client, options: DiscordOptions) {
    const { accept, opensConversation, directory, chosenMessages, files, log, clock } = options;
    const onGap = (downtime: Downtime): void => options.onGap?.(downtime);
    this.#client = client;
    this.#options = options;
    this.#healthWatch = watchHealth(client, options, onGap);
    const api = new DiscordApi(client.rest, () => this.#healthWatch.fail(tokenRejected));
    const retryQueue = new RetryQueue({ clock, log, maxWaiting, onLost: onGap });
    const pending = new PendingResponses();
    const readsContent = !this.readsMentionsOnly;
    const commands = [...options.commands, privateQuestion];
    const inward = { accept, opensConversation, directory, commands, chosenMessages, readsContent };
    const ports = { client, api, retryQueue, pending, ...inward, clock, log };
    const destinations = new Destinations(api, client);
    this.#api = api;
    this.#retryQueue = retryQueue;
    this.#typing = new Typing({ api, destinations, clock });
    const ratePlan = new DiscordRatePlan(options.rateLimits, clock);
    this.whenWritable = ratePlan.whenWritable;
    const self = (): string => client.user?.id ?? "";
    this.#posts = new Posts({ api, destinations, clock, ratePlan, self, files, log, readsContent });
    this.#privateReplies = new PrivateReplies(ports);
    this.#interactions = new Interactions(ports);
    this.#interactions.listen();
    const receiver = new MessageReceiver(ports);
    const listeners = [receiver, new DeletedChannels(ports), new PostTitles(ports), new Reactions(ports)];
    for (const each of listeners) each.listen();
    this.fetchMissed = new MissedMessages({ ...ports, receiver }).fetchMissed;
    this.fetchHistory = new Backfiller(ports).fetchHistory;
    this.fetchFrom = messagesFrom(ports);
    this.readable = new ReadablePlaces(ports).readable;
    this.hasRight = new Permissions(ports).may;
    this.isIn = membershipIn(ports);
    this.readFile = fileReader(api, options.settings.apiUrl);
  }

  get readsMentionsOnly(): boolean {
    return this.#options.settings.readsContent === false;
  }

  readonly botNameIn = (): string | undefined => this.#client.user?.displayName;

  readonly titleIn: NonNullable<Platform["titleIn"]> = (conversation) =>
    shownTitle(this.#client, conversation);

  readonly health = (): Health => {
    const { health } = this.#healthWatch;
    if (!health.ok || this.#retryQueue.failing === 0) return health;
    return { ok: false, why: "Discord messages wait for the store" };
  };

  readonly createPost = (to: ReplyAddress, post: Post, signal: AbortSignal): Promise<PostId> => {
    this.#typing.stop(to);
    return this.#posts.create(to, post, signal);
  };

  readonly editPost = (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal): Promise<void> => {
    this.#typing.stop(to);
    return this.#posts.edit(to, id, post, signal);
  };

  readonly deletePost = (_to: ReplyAddress, id: PostId, signal: AbortSignal): Promise<void> =>
    this.#posts.delete(id, signal);

  readonly findPost: NonNullable<Platform["findPost"]> = (to, post, sinceMs, signal) =>
    this.#posts.find(to, post, sinceMs, signal);

  readonly permalinkOf: NonNullable<Platform["permalinkOf"]> = (conversation, post) => {
    const guild = conversation.split(":")[1];
    return `https://discord.com/channels/${guild === "dm" ? "@me" : guild}/${post}`;
  };

  readonly sendPrivately: Platform["sendPrivately"] = (...message) => this.#privateReplies.send(...message);

  readonly notifyUnanswered: NonNullable<Platform["notifyUnanswered"]> = (to, unanswered, signal) =>
    this.#privateReplies.sendUnanswered(to, unanswered, signal);

  readonly sendFilesPrivately: NonNullable<Platform["sendFilesPrivately"]> = (to, files, signal) =>
    this.#privateReplies.sendFiles(to, files, signal);

  readonly showWorking: NonNullable<Platform["showWorking"]> = (to, signal) => this.#typing.show(to, signal);

  readonly showRest: NonNullable<Platform["showRest"]> = async (to) => this.#typing.stop(to);

  /** Never rejects: the bot works without slash commands, and the log tells the operator. */
  async registerCommands(): Promise<void> {
    const { commands, log } = this.#options;
    const deadline = AbortSignal.timeout(registrationDeadlineMs);
    try {
      await registerCommands(this.#api, this.#client.application?.id ?? "", commands, deadline);
    } catch (error) {
      log.error({ err: error }, "could not register the slash commands; restart to try again");
    }
  }

  /** Disconnects first, so that no event arrives that would not be stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#typing.close();
    const disconnected = new AbortController();
    const timeout = this.#options.clock
      .sleep(disconnectDeadlineMs, disconnected.signal)
      .catch(() => undefined);
    await Promise.race([this.#client.destroy().catch(() => undefined), timeout]);
    disconnected.abort();
    await Promise.all([this.#retryQueue.close(queueGraceMs), this.#interactions.idle()]);
  }
}
