import { ReplyWriter } from "../../../src/conversation/reply/reply-writer.ts";
import { conversationKey } from "../../../src/domain/conversation.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Turn } from "../../../src/domain/turn.ts";
import type { SlackPlatform } from "../../../src/platforms/slack/slack-platform.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { writingJournal } from "../core/writing-journal.ts";
import type { SlackBench } from "./slack-bench.ts";

const signal = new AbortController().signal;
const commands = new Map();
const memories = { read: async () => ({}) };

/** Asks the bot; resolves to the address of the answer. */
export async function ask({ slack, accepted }: SlackBench, channel: string): Promise<ReplyAddress> {
  const ts = await slack.say({ channel, user: "U1", text: "hello", mention: true });
  const inbound = accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
  if (inbound?.kind !== "said") throw new Error("Nothing was said");
  return inbound.replyTo;
}

/** A turn with its journal in memory. `writer` goes on with it. */
export function openTurn(replyTo: ReplyAddress) {
  const conversation = conversationKey(`slack:${replyTo.target["threadTs"]}`);
  const begun: Turn = {
    id: `turn-${conversation}`,
    conversation,
    attempt: 1,
    covers: ["1"],
    replyTo,
    posts: [],
  };
  const { journal, turn } = writingJournal(begun);
  const lease = { conversation, epoch: 1, name: "l" };
  const asked = replyTo.target["threadTs"] ?? "";
  return {
    turn,
    writer: (platform: SlackPlatform, clock: Clock): ReplyWriter =>
      new ReplyWriter(
        { journal, memories, platform, clock, commands, log: new RecordingLog() },
        lease,
        turn(),
        [asked],
      ),
  };
}

/**
 * Writes one reply to its end, resuming from the journal after each failure of Slack. Resolves to the number of resumptions
 * after the answer was complete.
 */
export async function writeReply(
  platform: SlackPlatform,
  replyTo: ReplyAddress,
  text: string,
  clock: Clock,
): Promise<number> {
  const { turn, writer: openWriter } = openTurn(replyTo);
  for (let waits = 0; ;) {
    const writer = openWriter(platform, clock);
    try {
      await writer.open(signal);
      if (turn().answer === undefined) await grow(writer, text, clock);
      await writer.saveTurn({ answer: text }, signal);
      await writer.close(text, signal);
      return waits;
    } catch (error) {
      await writer.settle();
      if (!(error instanceof PlatformError)) throw error;
      if (turn().answer !== undefined) waits += 1;
      await clock.sleep(Math.max(250, error.retryAfterMs), signal);
    }
  }
}

/** Grows the post every 2.5 seconds. */
async function grow(writer: ReplyWriter, text: string, clock: Clock): Promise<void> {
  for (
    let length = Math.min(2_000, text.length / 8);
    length < text.length;
    length += Math.min(8_000, text.length / 8)
  ) {
    writer.grow(text.slice(0, length), signal);
    await clock.sleep(2_500, signal);
  }
}
