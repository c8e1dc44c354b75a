import type { ConversationKey } from "../../domain/conversation.ts";
import type { Commanded, Inbound } from "../../domain/inbound.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Log } from "../../ports/log.ts";
import { slashCommandBody, type SlashCommandBody } from "./bodies.ts";
import { InOrder } from "./in-order.ts";
import type { Names } from "./names.ts";
import { picker, privateLine, type PrivateMessage } from "./picker.ts";
import type { PrivateLine } from "./private-line.ts";
import { targetOf } from "./reply-target.ts";
import { placeOf, type SlackFacts } from "./slack-facts.ts";
import { toInbound } from "./to-inbound.ts";

export interface IntakePorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly names: Names;
  readonly privately: PrivateLine;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: Pick<SlackFacts, "botUserId" | "teamId" | "workspaceUrl">;
}

/** Slack waits 3 seconds for its acknowledgement; half a second is for the way. */
const deadlineMs = 2_500;
const namesWaitMs = 1_000;
const mostOffered = 10;
const furtherBack = 100;
const outage = "I can't reach my memory right now. Please try again in a few minutes.";
const notHere = "I have not been part of that conversation. Mention me in it, and I am.";

/** Where everything comes in: what is for us is stored before it is acknowledged. */
export class Intake {
  readonly #ports: IntakePorts;
  readonly #inOrder = new InOrder();
  #isClosed = false;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /**
   * Resolves when the body may be acknowledged, to what the acknowledgement is to carry.
   * @throws when it could not be stored: then it must not be acknowledged.
   */
  readonly take = async (body: unknown): Promise<PrivateMessage | undefined> => {
    if (this.#isClosed) throw new Error("Slack is being closed");
    const command = slashCommandBody.safeParse(body);
    if (command.success) return this.#offer(command.data);
    const asked = new Set<string>();
    const inbound = this.#read(body, asked);
    if (inbound === undefined) return undefined;
    const signal = AbortSignal.timeout(deadlineMs);
    await this.#inOrder.run(inbound.conversation, async () => {
      if (asked.size === 0 || isPassingTalk(inbound)) return this.#store(inbound, signal);
      await this.#ports.names.learn(asked, namesWaitMs);
      return this.#store(this.#read(body, asked) ?? inbound, signal);
    });
    return undefined;
  };

  /** Takes nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#inOrder.settled();
  }

  #read(body: unknown, asked: Set<string>): Inbound | undefined {
    const { self, names, clock } = this.#ports;
    const nameOf = (userId: string): string | undefined => {
      if (names.isWorthAsking(userId)) asked.add(userId);
      return names.of(userId);
    };
    return toInbound(body, { ...self, nameOf, nowMs: clock.nowMs() });
  }

  async #store(inbound: Inbound, signal: AbortSignal): Promise<void> {
    const { accept, privately, log } = this.#ports;
    try {
      const located = await this.#locate(inbound, signal);
      if (located === undefined) void privately.say(inbound, notHere);
      else await accept({ ...inbound, conversation: located }, signal);
    } catch (error) {
      log.error({ err: error, kind: inbound.kind }, "what Slack delivered could not be stored");
      // Slack delivers messages again, but not what somebody pressed.
      void privately.say(inbound, outage);
      throw error;
    }
  }

  /** Undefined for an order in a conversation that we don't know. */
  async #locate(inbound: Inbound, signal: AbortSignal): Promise<ConversationKey | undefined> {
    const { directory } = this.#ports;
    const { conversation, place } = inbound;
    if (inbound.kind === "commanded") {
      return (await this.#isKnown(inbound, signal)) ? conversation : undefined;
    }
    if (inbound.kind !== "edited" && inbound.kind !== "deleted") return conversation;
    if (!conversation.endsWith(`:${inbound.message}`)) return conversation;
    // Without a thread it may still be a reply: Slack does not always say.
    return (await directory.locate("slack", place, inbound.message, signal)) ?? conversation;
  }

  async #isKnown({ conversation, place, replyTo }: Commanded, signal: AbortSignal): Promise<boolean> {
    const { directory } = this.#ports;
    const { messageTs, threadTs } = targetOf(replyTo);
    for (const ts of new Set([messageTs ?? threadTs, threadTs])) {
      if ((await directory.locate("slack", place, ts, signal)) === conversation) return true;
    }
    // Where the bot was called in the middle of a thread, neither need be a message that it was told of.
    const recent = await directory.recent("slack", place, furtherBack, signal);
    return recent.some((entry) => entry.conversation === conversation);
  }

  async #offer(command: SlashCommandBody): Promise<PrivateMessage> {
    const { directory, clock, log } = this.#ports;
    const place = placeOf(command.team_id, command.channel_id);
    const order = {
      name: command.command.replace(/^\//u, ""),
      argument: (command.text ?? "").trim().toLowerCase(),
    };
    try {
      const recent = await directory.recent("slack", place, mostOffered, AbortSignal.timeout(deadlineMs));
      return picker(order, recent, clock.nowMs());
    } catch (error) {
      log.error({ err: error }, "recent conversations could not be listed");
      return privateLine(outage);
    }
  }
}

/** Talk in a channel that neither names us nor stands in a thread: no conversation can have it. */
function isPassingTalk(inbound: Inbound): boolean {
  return (
    inbound.kind === "said" &&
    (inbound.addressing === "open" || inbound.addressing === "others") &&
    inbound.conversation.endsWith(`:${inbound.message.id}`)
  );
}
