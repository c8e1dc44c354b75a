import type { types } from "@slack/bolt";
import { z } from "zod";

import type { KeyedQueue } from "../../../async/keyed-queue.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import type { Preferences } from "../../../domain/preferences.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { PreferenceStore } from "../../../ports/preferences.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { Workspaces } from "../api/workspaces.ts";
import type { UserNames } from "../api/user-names.ts";
import { teamOf } from "../inbound/from-message.ts";
import { outage } from "../inbound/notices.ts";
import type { PrivateReplies } from "../outbound/private-replies.ts";
import { homeOpenedOf, homePressOf, type HomePress } from "../wire/home-schemas.ts";
import type { SlackFacts } from "../wire/keys.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { conversationsOf, readHome, type HomeContents, type HomeContentsPorts } from "./home-contents.ts";
import { authorOfHome, channelIn, type HomeOwner } from "./home-owner.ts";
import { commandIn, ownerOf, preferenceIn } from "./home-presses.ts";
import { HomePublisher, type HomeRequest } from "./home-publisher.ts";
import { homeView } from "./home-view.ts";

export interface AppHomePorts extends HomeContentsPorts {
  readonly api: SlackApi;
  readonly accept: Accept;
  readonly preferences: PreferenceStore;
  readonly privateReplies: Pick<PrivateReplies, "replyToCommand">;
  readonly names: Pick<UserNames, "of">;
  readonly workspaces: Pick<Workspaces, "learnFrom">;
  readonly self: Omit<SlackFacts, "nameOf" | "nowMs">;
  /** Shared by all workspaces. */
  readonly queue: KeyedQueue;
  readonly clock: Clock;
}

const directMessage = z.object({ channel: z.object({ id: z.string().min(1) }) });
const maxKnownChannels = 10_000;
const readTimeoutMs = 10_000;

/**
 * The app's Home tab: what the bot remembers of its owner, their usage and preferences, with buttons for their data. It is
 * published when the owner opens it, and after what they change there.
 */
export class AppHome implements Disposable {
  readonly #ports: AppHomePorts;
  readonly #publisher: HomePublisher;
  /** The Author's id of an owner → their DM with the bot. */
  readonly #channels = growingCache<string>(maxKnownChannels);

  constructor(ports: AppHomePorts) {
    this.#ports = ports;
    this.#publisher = new HomePublisher({ ...ports, viewOf: (...request) => this.#viewOf(...request) });
  }

  /**
   * Undefined for every body that is not about the Home tab. Else it resolves when the body may be acknowledged: what was
   * pressed is stored then. Slack never delivers a press again, so the promise never rejects: the person is told.
   */
  receive(body: unknown, signal: AbortSignal): Promise<void> | undefined {
    const opened = homeOpenedOf(body);
    if (opened !== undefined) {
      this.#ports.workspaces.learnFrom(body);
      const { user, channel, tab, view } = opened.event;
      const owner = { team: teamOf(opened, this.#facts()), user };
      if (channel != null) this.#channels.set(authorOfHome(owner), channel);
      if (tab === "home") this.#publisher.show({ owner, hash: view?.hash ?? undefined });
      return Promise.resolve();
    }
    const press = homePressOf(body);
    return press && this.#receivePress(press, signal);
  }

  /** Shows the Home tab of a person again. Returns at once. */
  readonly show = (owner: HomeOwner): void => this.#publisher.show({ owner });

  [Symbol.dispose](): void {
    this.#publisher[Symbol.dispose]();
  }

  async #receivePress(press: HomePress, signal: AbortSignal): Promise<void> {
    const { log, queue } = this.#ports;
    const owner = ownerOf(press, this.#ports.self);
    const change = preferenceIn(press);
    try {
      await queue.run(`home:${authorOfHome(owner)}`, async () => {
        if (change === undefined) await this.#command(press, owner, signal);
        else await this.#change(owner, change, signal);
      });
    } catch (error) {
      log.error({ err: error }, "a press in the Home tab could not be stored; check the store");
    }
    // It shows what is stored now, also where the press failed.
    this.#publisher.show({ owner, hash: press.view.hash ?? undefined });
  }

  async #change(owner: HomeOwner, change: Partial<Preferences>, signal: AbortSignal): Promise<void> {
    const { preferences, clock } = this.#ports;
    await preferences.change("slack", authorOfHome(owner), { ...change, atMs: clock.nowMs() }, signal);
  }

  /** @throws {StoreError}, {InboxError}, {PlatformError}: nothing was stored. */
  async #command(press: HomePress, owner: HomeOwner, signal: AbortSignal): Promise<void> {
    const { accept, privateReplies } = this.#ports;
    const channel = channelIn(press.view.private_metadata) ?? (await this.#channelOf(owner, signal));
    const command = commandIn(press, channel, this.#facts());
    if (command === undefined) return;
    try {
      if (await this.#isOwn(command, owner, signal)) await accept(command, signal);
    } catch (error) {
      void privateReplies.replyToCommand(command, outage);
      throw error;
    }
  }

  /**
   * A chosen conversation comes from the person's own program, which may send any. It counts if the person has written there;
   * whether they may still read it is checked when the command runs.
   */
  async #isOwn(
    { conversation, isOutside }: CommandInbound,
    owner: HomeOwner,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (isOutside === true) return true;
    const theirs = await conversationsOf(this.#ports, owner, signal);
    return theirs.some((each) => each.conversation === conversation);
  }

  async #viewOf({ owner }: HomeRequest, closing: AbortSignal): Promise<types.HomeView> {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(readTimeoutMs)]);
    const channel = await this.#channelOf(owner, signal);
    return homeView(await this.#contentsOf(owner, channel, signal), { channel, facts: this.#facts() });
  }

  /** Undefined: they can't be read now. */
  async #contentsOf(
    owner: HomeOwner,
    channel: string,
    signal: AbortSignal,
  ): Promise<HomeContents | undefined> {
    try {
      return await readHome(this.#ports, owner, channel, signal);
    } catch (error) {
      this.#ports.log.error({ err: error }, "what a Home tab shows could not be read; check the store");
      return undefined;
    }
  }

  /** @throws {PlatformError} */
  async #channelOf(owner: HomeOwner, signal: AbortSignal): Promise<string> {
    const author = authorOfHome(owner);
    const known = this.#channels.get(author);
    if (known !== undefined) return known;
    const channel = await this.#ports.api.call(
      async (client) =>
        directMessage.parse(await client.conversations.open({ users: owner.user })).channel.id,
      signal,
    );
    this.#channels.set(author, channel);
    return channel;
  }

  #facts(): SlackFacts {
    const { self, names, clock } = this.#ports;
    return { ...self, nameOf: names.of, nowMs: clock.nowMs() };
  }
}
