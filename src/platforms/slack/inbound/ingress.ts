import type { CommandDefinition } from "../../../domain/command.ts";
import type { Inbound } from "../../../domain/inbound.ts";
import type { Accept, OpensConversation } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Acceptance } from "../../../ports/inbox.ts";
import type { Log } from "../../../ports/log.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { Acknowledgement } from "../wire/acknowledgement.ts";
import { slashCommandOf, viewSubmissionOf, type SlashCommandBody } from "../wire/payload-schemas.ts";
import { answerPress } from "./answer-press.ts";
import { notHere, outage } from "./notices.ts";
import { SentForms } from "./sent-forms.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import type { ChangeFollower } from "../access/change-follower.ts";
import { changeIn } from "./from-change.ts";
import { isOtherReaction } from "./from-reaction.ts";
import { namedIn, type Named } from "./from-session-title.ts";
import { beganUnderNewId } from "./renamed-channel-threads.ts";
import type { KeyedQueue } from "../../../async/keyed-queue.ts";
import type { UserNames } from "../api/user-names.ts";
import type { OwnPosts } from "../outbound/own-posts.ts";
import { privateMessage, type PrivateMessage } from "../wire/conversation-picker.ts";
import type { PrivateReplies } from "../outbound/private-replies.ts";
import { placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import { fromSlashCommand, slashCommandIn, type SlashCommand } from "./from-slash-command.ts";
import { fromOwnDeletion } from "./from-message.ts";
import { LateFiles } from "./late-files.ts";
import { locateChange, locateInbound, locateReaction, moveTo } from "./locate-inbound.ts";
import { outsideOf, pickConversation, pickForPress } from "./pick-conversation.ts";
import { toInbound } from "./to-inbound.ts";
import type { Workspaces } from "../api/workspaces.ts";
import type { UnansweredWorkflows } from "./unanswered-workflows.ts";
import { isMessageChange } from "../../../domain/message-change.ts";
import { isReaction } from "../../../domain/reaction.ts";

export interface IngressPorts {
  readonly api: SlackApi;
  readonly accept: Accept;
  readonly opensConversation: OpensConversation;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly names: UserNames;
  readonly ownPosts: OwnPosts;
  readonly privateReplies: PrivateReplies;
  readonly workspaces: Pick<Workspaces, "learnFrom" | "knows">;
  readonly channelIds: ChannelIds;
  readonly changes: Pick<ChangeFollower, "follow">;
  readonly clock: Clock;
  readonly log: Log;
  readonly unansweredWorkflows: UnansweredWorkflows;
  /** Shared by all workspaces. Inbounds of one conversation are accepted in the order of their delivery. */
  readonly queue: KeyedQueue;
  readonly self: Omit<SlackFacts, "nameOf" | "nowMs">;
}

const namesWaitMs = 1_000;
/** A text may mention thousands of people, and each name costs a call. The author's comes first. */
const maxNames = 20;
const unknownCommand = "I don't know that command. Try `/tk-help`.";

/** Receives every body that Slack delivers for one workspace, and stores what concerns the bot before it is acknowledged. */
export class Ingress {
  readonly #ports: IngressPorts;
  readonly #queue: KeyedQueue;
  readonly #forms: SentForms;
  readonly #lateFiles = new LateFiles();

  constructor(ports: IngressPorts) {
    this.#ports = ports;
    this.#queue = ports.queue;
    this.#forms = new SentForms({ ...ports, facts: () => this.#facts(ports.names.of) });
  }

  /**
   * Resolves when the body may be acknowledged, to the body of the acknowledgement. `signal`: ends with Slack's patience.
   * @throws when it could not be stored: it must not be acknowledged then, so that Slack delivers it again.
   */
  readonly receive = async (delivered: unknown, signal: AbortSignal): Promise<Acknowledgement> => {
    if (isOtherReaction(delivered)) return undefined;
    const { workspaces, channelIds, changes, self } = this.#ports;
    const isRenaming = await channelIds.acceptRenaming(delivered, signal);
    const change = changeIn(delivered);
    if (change !== undefined) changes.follow(change);
    if (isRenaming || (change !== undefined && "person" in change)) return undefined;
    channelIds.refresh();
    const form = viewSubmissionOf(delivered);
    if (form !== undefined) return this.#forms.receive(form, signal);
    const body = await this.#withStoredId(delivered, signal);
    workspaces.learnFrom(body);
    const command = slashCommandOf(body);
    if (command !== undefined)
      return this.#receiveSlash({ ...command, team_id: command.team_id ?? self.teamId }, signal);
    if (this.#forms.openFor(body, signal)) return undefined;
    const titled = namedIn(body, this.#facts(this.#ports.names.of));
    return titled === undefined ? this.#take({ body, delivered }, signal) : this.#name(titled, signal);
  };

  /** `body`: as it was delivered, with the channel id that its conversation is stored under. @throws as `receive` */
  async #take(
    { body, delivered }: { readonly body: unknown; readonly delivered: unknown },
    signal: AbortSignal,
  ): Promise<undefined> {
    const unnamed = new Set<string>();
    const inbound = this.#read(body, unnamed);
    if (inbound === undefined) {
      this.#ports.ownPosts.learnFrom(body);
      await this.#receiveOwnDeletion(body, signal);
      return undefined;
    }
    if (pickForPress(this.#ports, inbound, this.#ports.clock.nowMs(), signal) !== undefined) return undefined;
    await this.#queue.run(inbound.conversation, async () => {
      if (body !== delivered) await this.#changeUnderNewId(delivered, signal);
      if (unnamed.size > 0 && !isReaction(inbound) && !this.#isUnrelatedTalk(inbound))
        await this.#ports.names.load([...unnamed].slice(0, maxNames), namesWaitMs, signal);
      const named = unnamed.size === 0 ? inbound : (this.#read(body, unnamed) ?? inbound);
      this.#ports.unansweredWorkflows.check(named, body);
      const stored = await this.#store(named, signal);
      if (stored === "stored") void answerPress(named, delivered, this.#ports, signal);
      const edit = this.#lateFiles.editOf(named, body, stored);
      if (edit !== undefined) await this.#store(edit, signal);
    });
    return undefined;
  }

  /** @throws {StoreError} so that Slack delivers it again. */
  async #name({ conversation, title }: Named, signal: AbortSignal): Promise<undefined> {
    const { directory } = this.#ports;
    await this.#queue.run(conversation, () => directory.rename(conversation, title, signal));
    return undefined;
  }

  /** An admin may delete an answer: it is forgotten. What we delete before it is remembered is in no directory. */
  async #receiveOwnDeletion(body: unknown, signal: AbortSignal): Promise<void> {
    const { accept, directory, names } = this.#ports;
    const deleted = fromOwnDeletion(body, this.#facts(names.of));
    if (deleted === undefined) return;
    await this.#queue.run(deleted.conversation, async () => {
      const located = await locateChange(directory, deleted, signal);
      if (located !== undefined) await accept(moveTo(located, deleted), signal);
    });
  }

  /** A top-level message that opens no conversation: no names are looked up for it. */
  #isUnrelatedTalk(inbound: Inbound): boolean {
    if (inbound.kind !== "said" || !inbound.conversation.endsWith(`:${inbound.message.id}`)) return false;
    return !this.#ports.opensConversation(inbound);
  }

  /** The body with the channel id that its conversation is stored under. See renamed-channel-threads.ts. */
  async #withStoredId(delivered: unknown, signal: AbortSignal): Promise<unknown> {
    const { channelIds, directory, names } = this.#ports;
    const body = channelIds.withFirstId(delivered);
    if (body === delivered) return body;
    const [now, first] = [delivered, body].map((each) => toInbound(each, this.#facts(names.of)));
    if (now === undefined || first === undefined) return body;
    const look = () => beganUnderNewId({ now, first }, directory, signal);
    return (await this.#queue.run(first.conversation, look)) ? delivered : body;
  }

  /** Adds the ids of people without a cached name to `unnamed`. */
  #read(body: unknown, unnamed: Set<string>): Inbound | undefined {
    const { names } = this.#ports;
    return toInbound(
      body,
      this.#facts((userId) => {
        if (names.isStale(userId)) unnamed.add(userId);
        return names.of(userId);
      }),
    );
  }

  #facts(nameOf: SlackFacts["nameOf"]): SlackFacts {
    const { self, names, clock } = this.#ports;
    return { ...self, nameOf, zoneOf: names.zoneOf, nowMs: clock.nowMs() };
  }

  /** Undefined: a press or command in a conversation that the bot is not in. */
  async #store(inbound: Inbound, signal: AbortSignal): Promise<Acceptance | undefined> {
    const { accept, privateReplies, commands, clock, log } = this.#ports;
    try {
      const located = isReaction(inbound)
        ? await locateReaction(this.#ports, inbound, signal)
        : await locateInbound(this.#ports.directory, inbound, signal);
      if (located !== undefined) return await accept(moveTo(located, inbound), signal);
      const outside = outsideOf(inbound, { commands, nowMs: clock.nowMs() });
      if (outside === undefined) void privateReplies.replyToCommand(inbound, notHere);
      else if (pickForPress(this.#ports, outside, clock.nowMs(), signal) === undefined)
        return await accept(outside, signal);
      return undefined;
    } catch (error) {
      log.error(
        { err: error, kind: inbound.kind },
        "an event from Slack could not be stored; check the store",
      );
      // Slack delivers messages again, but not button presses.
      void privateReplies.replyToCommand(inbound, outage);
      throw error;
    }
  }

  /**
   * Messages that arrived under the new id before Slack announced it are stored under the new id. Their edits and
   * deletions must reach them there.
   */
  async #changeUnderNewId(delivered: unknown, signal: AbortSignal): Promise<void> {
    const { accept, names } = this.#ports;
    const change = toInbound(delivered, this.#facts(names.of));
    if (change === undefined || !isMessageChange(change)) return;
    const located = await locateChange(this.#ports.directory, change, signal);
    if (located !== undefined) await accept(moveTo(located, change), signal);
  }

  /** Slack never delivers a slash command again, so it is always acknowledged: on failure with a message about it. */
  async #receiveSlash(body: SlashCommandBody, signal: AbortSignal): Promise<PrivateMessage | undefined> {
    const slash = slashCommandIn(body, this.#ports.commands);
    if (slash === undefined) return privateMessage(unknownCommand);
    const { definition, argument } = slash;
    if (definition.scope !== "conversation") return this.#acceptSlash(body, slash, signal);
    const place = placeOf(body.team_id, body.channel_id);
    const command = { name: definition.name, argument };
    return pickConversation(this.#ports, { place, command, nowMs: this.#ports.clock.nowMs() }, signal);
  }

  async #acceptSlash(
    body: SlashCommandBody,
    slash: SlashCommand,
    signal: AbortSignal,
  ): Promise<PrivateMessage | undefined> {
    const { accept, names, log } = this.#ports;
    try {
      await this.#queue.run(placeKeyOf(body.team_id, body.channel_id), async () => {
        if (names.isStale(body.user_id)) await names.load([body.user_id], namesWaitMs, signal);
        return accept(fromSlashCommand(body, slash, this.#facts(names.of)), signal);
      });
      return undefined;
    } catch (error) {
      log.error({ err: error }, "a slash command could not be stored; check the store");
      return privateMessage(outage);
    }
  }
}
