import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";

import { SlackBodies } from "./slack-bodies.ts";
import { SlackDeliveries, type SlackDelivery, type SlackReceipt } from "./slack-deliveries.ts";
import { SlackFaults, type SlackFault } from "./slack-faults.ts";
import { SlackUploads } from "./slack-files.ts";
import { SlackHooks, type SlackWhisper } from "./slack-hooks.ts";
import { asRecord } from "./untyped-json.ts";
import { openHttpTransport, type SlackHttpTransport } from "./slack-http-transport.ts";
import { SlackMessages, type SlackMessage } from "./slack-messages.ts";
import type { SlackChannel } from "./slack-channels.ts";
import type { SlackWorld } from "./slack-methods.ts";
import type { SlackPerson } from "./slack-people.ts";
import { settingsFrom, type SlackStandInOptions, type SlackStandInSettings } from "./slack-settings.ts";
import type { SlackRates } from "./slack-rates.ts";
import { SlackSessions } from "./slack-sessions.ts";
import { SlackStreams } from "./slack-streams.ts";
import { SlackSockets } from "./slack-sockets.ts";
import { SlackHomes } from "./slack-homes.ts";
import { SlackViews } from "./slack-views.ts";
import { SlackWebApi, type SlackCall } from "./slack-web-api.ts";

/** A message that a person writes. */
export interface SlackSaying {
  readonly team?: string;
  /** D… is a DM, G… a group DM, anything else a channel. */
  readonly channel: string;
  readonly user: string;
  /** As typed; the stand-in escapes it. */
  readonly text?: string;
  /** As mrkdwn, with `<@U1>` and `&amp;`; instead of `text`. */
  readonly wire?: string;
  /** The thread of a reply. */
  readonly threadTs?: string;
  /** The id of the message. Missing: by the time of now. */
  readonly ts?: string;
  /** Begins with a mention of the bot. */
  readonly mention?: boolean;
  readonly files?: readonly {
    readonly id?: string;
    readonly name: string;
    readonly mimetype?: string;
    readonly size?: number;
  }[];
}

/** A press of an interactive element. */
export interface SlackPress {
  readonly team?: string;
  /** The person's own workspace; another one in a channel that companies share. Missing: `team`. */
  readonly userTeam?: string;
  readonly channel: string;
  readonly user: string;
  readonly actionId: string;
  readonly value: string;
  /** The label of the chosen option. */
  readonly label?: string;
  readonly blockId?: string;
  /** The message of the element. Missing: an ephemeral one. */
  readonly messageTs?: string;
  /** How often the press is delivered. Missing: once. */
  readonly times?: number;
}

/** A stand-in for Slack: the Web API, deliveries over HTTP or Socket Mode, and people. */
export class SlackStandIn implements AsyncDisposable {
  readonly settings: SlackStandInSettings;
  /** All messages with their earlier versions, deleted ones included, in order. */
  readonly messages = new SlackMessages();
  /** Messages to one person only, in order. */
  readonly whispers: SlackWhisper[] = [];
  /** Of the older assistant threads. */
  readonly statuses: SlackWorld["statuses"] = [];
  readonly sessions = new SlackSessions();
  readonly streams = new SlackStreams();
  readonly sockets: SlackSockets;
  readonly deliveries = new SlackDeliveries();
  /** Number of deliveries per URL since `deliverTo`. */
  httpDeliveries: number[] = [];
  /** Uploaded files, and where they were shared. */
  readonly uploads = new SlackUploads();
  /** Files that people uploaded, by id. */
  readonly files: SlackWorld["files"] = new Map();
  /** Modals on people's screens. */
  readonly views: SlackViews;
  /** People's Home tabs. */
  readonly homes: SlackHomes;
  readonly #people = new Map<string, SlackPerson>();
  readonly #channels = new Map<string, SlackChannel>();
  readonly #refusals = new Map<string, string>();
  readonly #absent = new Set<string>();
  readonly #faults = new SlackFaults();
  readonly #hooks = new SlackHooks(this.whispers);
  readonly #bodies: SlackBodies;
  readonly #webApi: SlackWebApi;
  readonly #server = createServer((request, response) => this.handle(request, response));
  readonly #echoes = new Set<Promise<unknown>>();
  #http: readonly SlackHttpTransport[] = [];
  #origin = "";

  constructor(options: SlackStandInOptions) {
    this.settings = settingsFrom(options);
    this.sockets = new SlackSockets(this.settings.ackWithinMs);
    this.#bodies = new SlackBodies(this.settings);
    this.views = new SlackViews(this.settings);
    this.homes = new SlackHomes({
      settings: this.settings,
      bodies: this.#bodies,
      deliveries: this.deliveries,
      views: this.views,
    });
    const world: SlackWorld = {
      settings: this.settings,
      messages: this.messages,
      whispers: this.whispers,
      bodies: this.#bodies,
      sockets: this.sockets,
      people: this.#people,
      channels: this.#channels,
      uploads: this.uploads,
      views: this.views,
      homes: this.homes,
      files: this.files,
      refusals: this.#refusals,
      absent: this.#absent,
      statuses: this.statuses,
      sessions: this.sessions,
      streams: this.streams,
      echo: {
        posted: (message) => this.#echo(() => this.#event(message, this.#bodies.message(message))),
        edited: (message, previous) => this.#echo(() => this.#sendChange(message, previous)),
        deleted: (message) => this.#echo(() => this.#sendDeletion(message)),
      },
      origin: () => this.#origin,
    };
    this.#webApi = new SlackWebApi(world, this.#hooks, this.#faults);
    // Socket Mode is the default; `deliverTo` switches to HTTP.
    this.deliveries.use(this.sockets.deliver);
  }

  async listen(): Promise<void> {
    this.#server.on("upgrade", this.sockets.upgrade);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("Not listening on a TCP port");
    this.#origin = `http://127.0.0.1:${address.port}`;
  }

  /** The URLs that it tells begin with this from now on: another server passes their requests to `handle`. */
  reachedAt(origin: string): void {
    this.sockets.origin = this.#origin;
    this.#origin = origin;
  }

  /** Answers a request to this stand-in. */
  readonly handle: RequestListener = (request, response) => void this.#webApi.handle(request, response);

  /** Its rate limits; none by default. */
  get rates(): SlackRates {
    return this.#webApi.rates;
  }

  /** For `SLACK_API_URL`. */
  get apiUrl(): string {
    return `${this.#origin}/api/`;
  }

  /** Delivers signed requests to these URLs in turn, such as `http://127.0.0.1:3000/slack/events`. */
  deliverTo(...urls: readonly string[]): void {
    this.#disconnect();
    this.#http = urls.map((url) => openHttpTransport(url, this.settings));
    this.httpDeliveries = urls.map(() => 0);
    let turn = 0;
    this.deliveries.use(async (delivery) => {
      turn += 1;
      const index = turn % this.#http.length;
      const transport = this.#http[index];
      this.httpDeliveries[index] = (this.httpDeliveries[index] ?? 0) + 1;
      return transport === undefined
        ? { isAcked: false, reason: "connection_failed" }
        : transport.deliver(delivery);
    });
  }

  addPerson(user: string, name: string, traits: Omit<SlackPerson, "name"> = {}): void {
    this.#people.set(user, { name, ...traits });
  }

  /** Describes a channel. Members that are no people yet are added. */
  addChannel(channel: string, traits: SlackChannel): void {
    for (const user of traits.members) {
      if (!this.#people.has(user)) this.addPerson(user, `Person ${user}`);
    }
    this.#channels.set(channel, traits);
  }

  /** Writes and delivers a message. Resolves to its `ts` when the deliveries were acknowledged or failed. */
  async say(saying: SlackSaying): Promise<string> {
    const message = this.write(saying);
    await this.deliver(message);
    return message.ts;
  }

  /** Writes a message without delivering it. */
  write(saying: SlackSaying): SlackMessage {
    const { team = this.settings.team, channel, user, text = "", threadTs, files = [] } = saying;
    if (!this.#people.has(user)) this.addPerson(user, `Person ${user}`);
    const wire = saying.wire ?? text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const mention = saying.mention === true ? `<@${this.settings.botUserId}> ` : "";
    return this.messages.add({
      team,
      channel,
      user,
      text: `${mention}${wire}`.trim(),
      blocks: [],
      metadata: undefined,
      files,
      ts: saying.ts,
      ...(threadTs === undefined ? {} : { threadTs }),
    });
  }

  /** Delivers a message. A mention of the bot in a channel is two events. */
  async deliver(message: SlackMessage): Promise<readonly SlackReceipt[]> {
    const events = [this.#bodies.message(message)];
    const isMention = message.text.includes(`<@${this.settings.botUserId}>`);
    if (isMention && !message.channel.startsWith("D")) events.unshift(this.#bodies.mention(message));
    return Promise.all(events.map((event) => this.#event(message, event)));
  }

  async edit(channel: string, ts: string, text: string): Promise<void> {
    const message = this.#get(channel, ts);
    const previous = this.#bodies.inner(message);
    this.messages.edit(message, { text });
    await this.#sendChange(message, previous);
  }

  /** Adds a link preview: an edit event without a change of the text. */
  async unfurl(channel: string, ts: string): Promise<void> {
    const message = this.#get(channel, ts);
    await this.#sendChange(message, this.#bodies.inner(message));
  }

  /** Deletes a message. A root with replies becomes a tombstone, which Slack delivers as an edit. */
  async delete(channel: string, ts: string): Promise<void> {
    const message = this.#get(channel, ts);
    if (this.messages.thread(channel, ts).length <= 1) {
      message.isDeleted = true;
      await this.#sendDeletion(message);
      return;
    }
    const previous = this.#bodies.inner(message);
    this.messages.addTombstone(message);
    await this.#sendChange(message, previous);
  }

  /** Deletes the files of a message, but not the message. */
  async deleteFiles(channel: string, ts: string): Promise<void> {
    const message = this.#get(channel, ts);
    const previous = this.#bodies.inner(message);
    message.files = message.files.map((file) => ({ id: asRecord(file)["id"] ?? "F0", mode: "tombstone" }));
    await this.#sendChange(message, previous);
  }

  /** Types a slash command. An answer in the acknowledgement is added to `whispers`. */
  async command(order: {
    readonly team?: string;
    readonly channel: string;
    readonly user: string;
    readonly command: string;
    readonly text?: string;
  }): Promise<SlackReceipt> {
    const { team = this.settings.team, channel, user, command, text = "" } = order;
    const { organisation } = this.settings;
    const receipt = await this.deliveries.send({
      type: "slash_commands",
      retry: 0,
      body: {
        token: "legacy-verification-token",
        team_id: team,
        team_domain: "stand-in",
        channel_id: channel,
        channel_name: "general",
        user_id: user,
        user_name: user.toLowerCase(),
        command,
        text,
        api_app_id: "ASTANDIN",
        ...(organisation === ""
          ? { is_enterprise_install: "false" }
          : { is_enterprise_install: "true", enterprise_id: organisation }),
        response_url: this.#hooks.make(this.#origin, channel, user),
        trigger_id: this.#bodies.id("trigger."),
      },
    });
    this.#whisperAnswer(receipt, channel, user);
    return receipt;
  }

  /** Uses a message shortcut. */
  async shortcut(order: {
    readonly team?: string;
    readonly channel: string;
    readonly user: string;
    readonly callbackId: string;
    readonly messageTs: string;
  }): Promise<SlackReceipt> {
    const { channel, user, callbackId, messageTs } = order;
    return this.deliveries.send({
      type: "interactive",
      retry: 0,
      body: {
        type: "message_action",
        ...this.#pressed(order),
        callback_id: callbackId,
        action_ts: this.messages.nextTs(),
        message_ts: messageTs,
        response_url: this.#hooks.make(this.#origin, channel, user),
        message: this.#bodies.inner(this.#get(channel, messageTs)),
      },
    });
  }

  /** Chooses an option of a menu or picker. */
  async press(press: SlackPress): Promise<SlackReceipt> {
    const { value, label = value } = press;
    return this.#act(press, {
      type: "overflow",
      selected_option: { text: { type: "plain_text", text: label }, value },
    });
  }

  /** Presses a button. */
  async pressButton(press: SlackPress): Promise<SlackReceipt> {
    return this.#act(press, { type: "button", value: press.value });
  }

  /** Presses one of a pair of feedback buttons. */
  async pressFeedback(press: SlackPress): Promise<SlackReceipt> {
    const text = { type: "plain_text", text: press.label ?? "", emoji: true };
    return this.#act(press, { type: "feedback_buttons", text, value: press.value });
  }

  /** Sends the newest modal on a person's screen with this text in its field. The submission is delivered `times` times. */
  async submitView(user: string, text: string, times = 1): Promise<SlackReceipt> {
    const view = this.views.of(user);
    const body = this.views.submission(view, text, this.#bodies.id("trigger."));
    const delivery: SlackDelivery = { type: "interactive", retry: 0, body };
    for (let again = 1; again < times; again += 1) await this.deliveries.send(delivery);
    const receipt = await this.deliveries.send(delivery);
    this.views.settle(view, receipt);
    return receipt;
  }

  async #act(press: SlackPress, action: object): Promise<SlackReceipt> {
    const { channel, actionId, blockId = "block", messageTs, user, times = 1 } = press;
    const message = messageTs === undefined ? undefined : this.#bodies.inner(this.#get(channel, messageTs));
    const ts = messageTs ?? this.messages.nextTs();
    const isEphemeral = message === undefined;
    const delivery: SlackDelivery = {
      type: "interactive",
      retry: 0,
      body: {
        type: "block_actions",
        ...this.#pressed(press),
        container: { type: "message", message_ts: ts, channel_id: channel, is_ephemeral: isEphemeral },
        response_url: this.#hooks.make(this.#origin, channel, user),
        ...(isEphemeral ? {} : { message }),
        actions: [{ ...action, action_id: actionId, block_id: blockId, action_ts: this.messages.nextTs() }],
      },
    };
    for (let again = 1; again < times; again += 1) await this.deliveries.send(delivery);
    return this.deliveries.send(delivery);
  }

  /** Delivers any event. */
  async sendEvent(event: Readonly<Record<string, unknown>>): Promise<SlackReceipt> {
    return this.deliveries.send(this.#envelope(this.#bodies.event(this.settings.team, event)));
  }

  /** A person adds a reaction to a message, or removes it. Slack does not tell the thread of the message. */
  async react(reaction: {
    readonly channel: string;
    readonly user: string;
    readonly ts: string;
    readonly name: string;
    readonly isRemoved?: boolean;
  }): Promise<SlackReceipt> {
    const { channel, user, ts, name, isRemoved = false } = reaction;
    return this.sendEvent({
      type: isRemoved ? "reaction_removed" : "reaction_added",
      user,
      reaction: name,
      item_user: this.#get(channel, ts).user,
      item: { type: "message", channel, ts },
      event_ts: this.messages.nextTs(),
    });
  }

  /** The current versions of the bot's posts in a thread, oldest first. */
  posts(channel: string, threadTs: string): readonly SlackMessage[] {
    return this.messages.thread(channel, threadTs).filter((message) => message.botId !== undefined);
  }

  /** The calls of one method or of all, oldest first. */
  calls(method?: string): readonly SlackCall[] {
    const { calls } = this.#webApi;
    return method === undefined ? calls : calls.filter((call) => call.method === method);
  }

  /** The next calls of a method fail: all calls, or those of one channel. `response_url` counts as a method. */
  fail(method: string, fault: SlackFault, times = 1, channel?: string): void {
    this.#faults.add(method, fault, times, channel);
  }

  /** The number of calls of a method that will still fail: of any channel, or in one channel. */
  faultsLeft(method: string, channel?: string): number {
    return this.#faults.left(method, channel);
  }

  /** Gives a channel another id. The old one becomes `channel_not_found`. */
  async rename(from: string, to: string): Promise<SlackReceipt> {
    this.messages.move(from, to);
    const traits = this.#channels.get(from);
    if (traits !== undefined) this.#channels.set(to, traits);
    this.#channels.delete(from);
    this.#refusals.set(from, "channel_not_found");
    this.#refusals.delete(to);
    const event = {
      type: "channel_id_changed",
      old_channel_id: from,
      new_channel_id: to,
      event_ts: "1700000000.000000",
    };
    return this.deliveries.send(this.#envelope(this.#bodies.event(this.settings.team, event)));
  }

  /** Refuses every write in the channel with this error; without an error, allows them again. */
  refuse(channel: string, error?: string): void {
    if (error === undefined) this.#refusals.delete(channel);
    else this.#refusals.set(channel, error);
  }

  /** The person can no longer get ephemeral messages in the channel. */
  leave(channel: string, user: string): void {
    this.#absent.add(`${channel}/${user}`);
  }

  revoke(token: string): void {
    this.#webApi.revoked.add(token);
  }

  restore(token: string): void {
    this.#webApi.revoked.delete(token);
  }

  /** Lets time pass for the response_urls, the trigger_ids and the streams. */
  pass(ms: number): void {
    this.streams.pass(ms);
    this.#hooks.pass(ms);
    this.views.pass(ms);
  }

  /** Resolves when all events of the bot's own posts were acknowledged or failed. */
  async echoed(): Promise<void> {
    while (this.#echoes.size > 0) await Promise.all(this.#echoes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#faults.close();
    this.sockets.close();
    this.#disconnect();
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, "close");
  }

  #disconnect(): void {
    for (const transport of this.#http) transport[Symbol.dispose]();
  }

  #echo(send: () => Promise<unknown>): void {
    if (!this.settings.echoes) return;
    const sent = send().finally(() => this.#echoes.delete(sent));
    this.#echoes.add(sent);
  }

  async #event({ team }: SlackMessage, event: Readonly<Record<string, unknown>>): Promise<SlackReceipt> {
    return this.deliveries.send(this.#envelope(this.#bodies.event(team, event)));
  }

  #envelope(body: Readonly<Record<string, unknown>>): SlackDelivery {
    return { type: "events_api", retry: 0, body };
  }

  async #sendChange(message: SlackMessage, previous: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#event(message, this.#bodies.changed(message, previous, this.messages.nextTs()));
  }

  async #sendDeletion(message: SlackMessage): Promise<void> {
    await this.#event(message, this.#bodies.deleted(message, this.messages.nextTs()));
  }

  #get(channel: string, ts: string): SlackMessage {
    const message = this.messages.get(channel, ts);
    if (message === undefined) throw new Error(`No message ${ts} in ${channel}`);
    return message;
  }

  #pressed(press: Pick<SlackPress, "team" | "userTeam" | "channel" | "user">) {
    const { team = this.settings.team, userTeam = team, channel, user } = press;
    const { organisation } = this.settings;
    const isOrganisation = organisation !== "";
    return {
      team: { id: team, domain: "stand-in" },
      enterprise: isOrganisation ? { id: organisation, name: "Stand-in" } : null,
      is_enterprise_install: isOrganisation,
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: userTeam },
      channel: { id: channel, name: "general" },
      api_app_id: "ASTANDIN",
      token: "legacy-verification-token",
      trigger_id: this.views.trigger(this.#bodies.id("trigger."), user, userTeam),
    };
  }

  #whisperAnswer({ answer }: SlackReceipt, channel: string, user: string): void {
    if (typeof answer !== "object" || answer === null || !("text" in answer)) return;
    const blocks = "blocks" in answer && Array.isArray(answer.blocks) ? answer.blocks : [];
    const text = String(answer.text);
    this.whispers.push({ via: "ack", channel, user, text, blocks, replacesOriginal: false });
  }
}

export async function startSlackStandIn(options: SlackStandInOptions = {}): Promise<SlackStandIn> {
  const slack = new SlackStandIn(options);
  await slack.listen();
  return slack;
}
