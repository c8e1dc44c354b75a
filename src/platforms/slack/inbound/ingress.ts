import type { ConversationKey } from "../../../domain/conversation.ts";
import type { CommandDefinition } from "../../../domain/command.ts";
import type { CommandInbound, Deleted, Edited, Inbound } from "../../../domain/inbound.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { Log } from "../../../ports/log.ts";
import { slashCommandBody, type SlashCommandBody } from "../wire/payload-schemas.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { isEarlyThread } from "./early-threads.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import type { Names } from "../api/user-names.ts";
import type { OwnPosts } from "../outbound/own-posts.ts";
import {
  mostAsked,
  picker,
  privateLine,
  type OpenCommand,
  type PrivateMessage,
} from "../wire/conversation-picker.ts";
import type { PrivateReplies } from "../outbound/private-replies.ts";
import { targetOf } from "../wire/reply-target.ts";
import { partsOf, placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import { fromSlashCommand, slashCommandIn, type SlashCommand } from "./from-slash-command.ts";
import { toInbound } from "./to-inbound.ts";
import type { Workspaces } from "../api/workspaces.ts";
import type { WorkflowCalls } from "./workflow-calls.ts";

export interface IngressPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly names: Names;
  readonly own: OwnPosts;
  readonly privately: PrivateReplies;
  readonly workspaces: Pick<Workspaces, "hear">;
  readonly channelIds: ChannelIds;
  readonly clock: Clock;
  readonly log: Log;
  readonly workflowCalls: WorkflowCalls;
  readonly self: Omit<SlackFacts, "nameOf" | "nowMs">;
}

/** Slack waits 3 seconds for its acknowledgement; half a second is for the way. */
const deadlineMs = 2_500;
const namesWaitMs = 1_000;
/** A text may name thousands, and each costs a call. Its author comes first. */
const mostNames = 20;
const outage = "I can't reach my memory right now. Please try again in a few minutes.";
const unknownCommand = "I don't know that command. Try `/tk-help`.";
const notHere = "I'm not in that thread yet. Mention me there first.";

/** Where everything comes in: what is for us is stored before it is acknowledged. */
export class Ingress {
  readonly #ports: IngressPorts;
  readonly #inOrder = new KeyedQueue();
  #isClosed = false;

  constructor(ports: IngressPorts) {
    this.#ports = ports;
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /**
   * Resolves when the body may be acknowledged, to what the acknowledgement is to carry.
   * @throws when it could not be stored: then it must not be acknowledged.
   */
  readonly take = async (delivered: unknown): Promise<PrivateMessage | undefined> => {
    if (this.#isClosed) throw new Error("Slack is being closed");
    const { workspaces, channelIds, self } = this.#ports;
    if (await channelIds.hear(delivered, AbortSignal.timeout(deadlineMs))) return undefined;
    channelIds.refresh();
    const body = await this.#underKnownId(delivered);
    workspaces.hear(body);
    const command = slashCommandBody.safeParse(body);
    if (command.success) {
      const { team_id: team } = command.data;
      return this.#takeSlash({ ...command.data, team_id: team ?? self.teamId });
    }
    const asked = new Set<string>();
    const inbound = this.#read(body, asked);
    if (inbound === undefined) {
      this.#ports.own.hear(body);
      return undefined;
    }
    const signal = AbortSignal.timeout(deadlineMs);
    await this.#inOrder.run(inbound.conversation, async () => {
      if (body !== delivered) await this.#changeUnderNewId(delivered, signal);
      if (asked.size > 0 && !isPassingTalk(inbound))
        await this.#ports.names.learn([...asked].slice(0, mostNames), namesWaitMs);
      const named = asked.size === 0 ? inbound : (this.#read(body, asked) ?? inbound);
      return this.#store(this.#ports.workflowCalls.judge(named, body), signal);
    });
    return undefined;
  };

  /** Takes nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#inOrder.settled();
  }

  /** With the first id of its channel; a thread that began under the new one before Slack told of that goes on there. */
  async #underKnownId(delivered: unknown): Promise<unknown> {
    const { channelIds, directory, names } = this.#ports;
    const body = channelIds.inBody(delivered);
    if (body === delivered) return body;
    const [now, first] = [delivered, body].map((each) => toInbound(each, this.#facts(names.of)));
    if (now === undefined || first === undefined) return body;
    const look = () => isEarlyThread({ now, first }, directory, AbortSignal.timeout(deadlineMs));
    return (await this.#inOrder.run(first.conversation, look)) ? delivered : body;
  }

  #read(body: unknown, asked: Set<string>): Inbound | undefined {
    const { names } = this.#ports;
    return toInbound(
      body,
      this.#facts((userId) => {
        if (names.isWorthAsking(userId)) asked.add(userId);
        return names.of(userId);
      }),
    );
  }

  #facts(nameOf: SlackFacts["nameOf"]): SlackFacts {
    const { self, names, clock } = this.#ports;
    return { ...self, nameOf, zoneOf: names.zoneOf, nowMs: clock.nowMs() };
  }

  async #store(inbound: Inbound, signal: AbortSignal): Promise<void> {
    const { accept, privately, log } = this.#ports;
    try {
      const located = await this.#locate(inbound, signal);
      if (located === undefined) void privately.say(inbound, notHere);
      else await accept(saidIn(located, inbound), signal);
    } catch (error) {
      log.error({ err: error, kind: inbound.kind }, "what Slack delivered could not be stored");
      // Slack delivers messages again, but not what somebody pressed.
      void privately.say(inbound, outage);
      throw error;
    }
  }

  /** What was said in a channel before Slack told of its new id is known by that; changes of it must reach it there. */
  async #changeUnderNewId(delivered: unknown, signal: AbortSignal): Promise<void> {
    const { accept, names } = this.#ports;
    const change = toInbound(delivered, this.#facts(names.of));
    if (change?.kind !== "edited" && change?.kind !== "deleted") return;
    const located = await this.#located(change, signal);
    if (located !== undefined) await accept(saidIn(located, change), signal);
  }

  /** Undefined for an order in a conversation that we don't know. */
  async #locate(inbound: Inbound, signal: AbortSignal): Promise<ConversationKey | undefined> {
    const { conversation } = inbound;
    if (inbound.kind === "commanded") {
      return (await this.#isKnown(inbound, signal)) ? conversation : undefined;
    }
    if (inbound.kind !== "edited" && inbound.kind !== "deleted") return conversation;
    if (inbound.kind === "edited" && inbound.isByApp === true) return conversation;
    if (!conversation.endsWith(`:${inbound.message}`)) return conversation;
    // Without a thread it may still be a reply: Slack does not always say.
    return (await this.#located(inbound, signal)) ?? conversation;
  }

  /** Undefined: nobody knows the message. While the archive is away, as Slack says: the core places it later. */
  async #located(
    { conversation, place, message }: Edited | Deleted,
    signal: AbortSignal,
  ): Promise<ConversationKey | undefined> {
    try {
      return await this.#ports.directory.locate("slack", place, message, signal);
    } catch (error) {
      if (error instanceof ArchiveError) return conversation;
      throw error;
    }
  }

  async #isKnown({ conversation, place, replyTo }: CommandInbound, signal: AbortSignal): Promise<boolean> {
    const { directory } = this.#ports;
    const { messageTs, threadTs } = targetOf(replyTo);
    for (const ts of new Set([messageTs ?? threadTs, threadTs])) {
      if (ts === undefined) return true;
      if ((await directory.locate("slack", place, ts, signal)) === conversation) return true;
    }
    // Where the bot was called in the middle of a thread, neither need be a message that it was told of.
    return (await directory.entry(conversation, signal)) !== undefined;
  }

  /** Slack doesn't deliver again what somebody typed: whatever happens is acknowledged, with a line about it. */
  async #takeSlash(body: SlashCommandBody): Promise<PrivateMessage | undefined> {
    const order = slashCommandIn(body, this.#ports.commands);
    if (order === undefined) return privateLine(unknownCommand);
    const { definition, argument } = order;
    if (definition.concerns === "place") return this.#obey(body, order);
    return this.#offer(placeOf(body.team_id, body.channel_id), { name: definition.name, argument });
  }

  async #obey(body: SlashCommandBody, order: SlashCommand): Promise<PrivateMessage | undefined> {
    const { accept, names, log } = this.#ports;
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      await this.#inOrder.run(placeKeyOf(body.team_id, body.channel_id), async () => {
        if (names.isWorthAsking(body.user_id)) await names.learn([body.user_id], namesWaitMs);
        return accept(fromSlashCommand(body, order, this.#facts(names.of)), signal);
      });
      return undefined;
    } catch (error) {
      log.error({ err: error }, "a slash command could not be stored");
      return privateLine(outage);
    }
  }

  async #offer(place: string, order: OpenCommand): Promise<PrivateMessage> {
    const { directory, clock, log } = this.#ports;
    try {
      const recent = await directory.recent("slack", place, mostAsked, AbortSignal.timeout(deadlineMs));
      return picker(order, recent, clock.nowMs());
    } catch (error) {
      log.error({ err: error }, "recent conversations could not be listed");
      return privateLine(outage);
    }
  }
}

/** An answer goes into the thread of its conversation, also where Slack did not say which that is. */
function saidIn(conversation: ConversationKey, inbound: Inbound): Inbound {
  if (inbound.conversation === conversation) return inbound;
  if ((inbound.kind !== "edited" && inbound.kind !== "deleted") || inbound.replyTo === undefined)
    return { ...inbound, conversation };
  const { threadTs = inbound.message } = partsOf(conversation);
  const target = { ...inbound.replyTo.target, threadTs };
  const moved = { ...inbound, conversation, replyTo: { ...inbound.replyTo, target } };
  if (moved.kind !== "edited" || moved.call === undefined) return moved;
  return { ...moved, call: { ...moved.call, conversation, replyTo: moved.replyTo } };
}

/** Talk in a channel that neither names us nor stands in a thread: no conversation can have it. */
function isPassingTalk(inbound: Inbound): boolean {
  return (
    inbound.kind === "said" &&
    (inbound.addressing === "open" || inbound.addressing === "others") &&
    inbound.conversation.endsWith(`:${inbound.message.id}`)
  );
}
