import { z } from "zod";

import type { Broadcast } from "../../../ports/broadcast.ts";
import type { BotIdentity } from "../api/bot-identity.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import type { UserNames } from "../api/user-names.ts";
import { asObject } from "../wire/json-object.ts";
import { slackChange, type SlackChange } from "../wire/slack-change.ts";
import type { UserObject } from "../wire/user-object.ts";
import type { ChannelLists } from "./channel-lists.ts";
import type { Channels } from "./channel-visibility.ts";
import type { Memberships } from "./membership.ts";

interface FollowerPorts {
  readonly broadcast: Broadcast;
  readonly self: Pick<BotIdentity, "teamId" | "botUserId">;
  readonly channelIds: Pick<ChannelIds, "firstId">;
  readonly names: Pick<UserNames, "follow">;
  readonly channels: Channels;
  readonly lists: ChannelLists;
  readonly memberships: Memberships;
}

const broadcastChannel = "slack-changes";
const announcement = z.object({ change: slackChange });

/**
 * Drops from the caches of every replica what a change in Slack makes doubtful: it is asked for when it is needed again.
 * Costs no call and no write. A replica that misses a change keeps what it knows for as long as it caches it.
 */
export class ChangeFollower implements Disposable {
  readonly #ports: FollowerPorts;
  readonly #listening: Disposable;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(broadcastChannel, (received) => {
      if (asObject(received)["installation"] !== ports.self.teamId) return;
      const { data } = announcement.safeParse(received);
      if (data !== undefined) this.#apply(data.change);
    });
  }

  /** Here at once, and in the other replicas when they hear of it. Never throws. */
  follow(change: SlackChange): void {
    const { broadcast, self } = this.#ports;
    // Not only by the broadcast, which may be away.
    this.#apply(change);
    broadcast.send(broadcastChannel, { installation: self.teamId, change });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #apply(change: SlackChange): void {
    if ("person" in change) return this.#followPerson(change.person);
    if ("member" in change) return this.#followMember(change.channel, change.member);
    for (const each of change.channels) this.#forgetChannel(each);
  }

  /** What is known of a channel is stored under its first id. */
  #forgetChannel(id: string): void {
    const { channels, lists, channelIds } = this.#ports;
    for (const channel of new Set([id, channelIds.firstId(id)])) {
      channels.forget(channel);
      lists.forget(channel);
    }
  }

  #followMember(id: string, user: string): void {
    const { channels, lists, channelIds, self } = this.#ports;
    // What the bot is not in, it may no longer see.
    if (user === self.botUserId) return this.#forgetChannel(id);
    channels.forgetMembers(channelIds.firstId(id));
    lists.forgetPerson(user);
  }

  #followPerson(person: UserObject): void {
    const { names, memberships, lists, channels } = this.#ports;
    names.follow(person);
    const isDeactivated = person.deleted === true;
    if (memberships.follow(person) || isDeactivated) lists.forgetPerson(person.id);
    if (isDeactivated) channels.forgetMember(person.id);
  }
}
