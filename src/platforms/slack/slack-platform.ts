import type { Health, Component } from "../../ports/component.ts";
import type { Platform, PostLimits } from "../../ports/platform.ts";
import type { MissedMessages } from "./history/missed-messages.ts";
import type { ChannelIds } from "./api/channel-ids.ts";
import type { Backfiller } from "./history/backfill.ts";
import type { FileSender } from "./outbound/send-files.ts";
import type { ClockSkew } from "./connection/clock-skew.ts";
import type { Ingress } from "./inbound/ingress.ts";
import type { OwnPosts } from "./outbound/own-posts.ts";
import { permalinkOfPost } from "./wire/permalink.ts";
import type { Permissions } from "./access/permissions.ts";
import type { PostLookup } from "./outbound/find-post.ts";
import type { PrivateReplies } from "./outbound/private-replies.ts";
import type { SlackReadership } from "./access/readable-places.ts";
import type { SlackApi } from "./api/slack-api.ts";
import type { SlackFacts } from "./wire/keys.ts";
import type { SlackPosts } from "./outbound/posts.ts";
import type { SocketReceiver } from "./connection/socket-receiver.ts";
import type { Self } from "./api/bot-identity.ts";
import { WorkingStatus } from "./outbound/working-status.ts";

/** What Slack is read and written with. */
export interface SlackParts {
  readonly api: SlackApi;
  readonly channelIds: ChannelIds;
  readonly self: Pick<SlackFacts, "isOurs" | "workspaceUrl" | "currentId"> & Pick<Self, "name">;
  readonly ingress: Ingress;
  readonly own: OwnPosts;
  readonly finder: PostLookup;
  readonly privately: PrivateReplies;
  readonly posts: SlackPosts;
  readonly catchUp: MissedMessages;
  readonly earlier: Backfiller;
  readonly readable: SlackReadership;
  readonly permissions: Permissions;
  readonly files: FileSender;
  /** Missing where events come over HTTP. */
  readonly link?: SocketReceiver;
  /** Nothing in Socket Mode, which signs nothing. */
  readonly skew: ClockSkew;
}

/** Slack, to be read from and written to. */
export class SlackPlatform implements Platform, Component {
  readonly name = "slack";
  /** 8,000 leave room for what makes a text safe, below the 12,000 of a markdown block; edits are 50 a minute. */
  readonly limits: PostLimits = { postChars: 8_000, writeIntervalMs: 1_200, placeholder: "_Thinking…_" };
  readonly botName: string | undefined;
  readonly createPost: Platform["createPost"];
  readonly editPost: Platform["editPost"];
  readonly deletePost: Platform["deletePost"];
  readonly findPost: Platform["findPost"];
  readonly permalinkOf: NonNullable<Platform["permalinkOf"]>;
  readonly tell: Platform["tell"];
  readonly tellUnanswered: NonNullable<Platform["tellUnanswered"]>;
  readonly fetchMissed: NonNullable<Platform["fetchMissed"]>;
  readonly fetchHistory: NonNullable<Platform["fetchHistory"]>;
  readonly readable: NonNullable<Platform["readable"]>;
  readonly may: NonNullable<Platform["may"]>;
  readonly giveFiles: NonNullable<Platform["giveFiles"]>;
  readonly showWorking: NonNullable<Platform["showWorking"]>;
  readonly turnFinished: NonNullable<Platform["turnFinished"]>;
  readonly #parts: SlackParts;

  constructor(parts: SlackParts) {
    const { finder, posts, privately, catchUp, earlier, readable, files } = parts;
    const status = new WorkingStatus(parts.api);
    this.#parts = parts;
    this.botName = parts.self.name;
    this.createPost = posts.create;
    this.editPost = posts.edit;
    this.deletePost = posts.delete;
    this.findPost = finder.find;
    this.permalinkOf = (conversation, post) => permalinkOfPost(conversation, post, parts.self);
    this.tell = (to, texts, signal, offer) => privately.tell(to, texts, signal, offer);
    this.tellUnanswered = (to, told, signal) => privately.tellUnanswered(to, told, signal);
    this.fetchMissed = catchUp.fetchMissed;
    this.fetchHistory = earlier.read;
    this.readable = readable.of;
    this.may = parts.permissions.may;
    this.giveFiles = files.give;
    this.showWorking = status.show;
    this.turnFinished = status.clear;
  }

  readonly health = (): Health => {
    const { api, link } = this.#parts;
    if (api.refusal !== undefined) return { ok: false, why: `Slack refuses the bot token (${api.refusal})` };
    // An old request may be sent again by anybody who has seen it: it is told, and does not count.
    return link?.health() ?? { ok: true, why: this.#parts.skew.why };
  };

  /** Takes nothing more, lets what is being stored be acknowledged, then lets go of Slack. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.ingress.close();
    await this.#parts.link?.[Symbol.asyncDispose]();
    this.#parts.own[Symbol.dispose]();
    this.#parts.channelIds[Symbol.dispose]();
  }
}
