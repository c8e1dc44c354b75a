import type { Turn } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform.ts";
import { tryingAgain } from "../text/user-messages.ts";
import { isOutage } from "./is-outage.ts";
import { type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { ClaimedConversation } from "./claimed-conversation.ts";

/** So often an answer is tried before its place is tried with something else. */
const maxRefusals = 5;

/** Whose fault it is that an answer can't be written. */
type Fault = "platform" | "answer" | "unknown";

/**
 * An outage is a property of the platform, not of an error: some answers are met with a 5xx for ever. When an answer was
 * refused some times, a short line is tried in its place. Where that is refused too, the platform is away. Where it is
 * taken, the answer is tried once more, at once; when it is refused even then, it is at fault.
 */
export async function faultOf(
  ports: TurnPorts,
  { lease }: ClaimedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<Fault> {
  if (!(error instanceof PlatformError) || error.kind !== "unreachable") return "platform";
  const turn = await ports.journal.running(lease, signal);
  if (turn?.answer === undefined) return "platform";
  const { refusals = 0, wasLineTaken, ...rest } = turn;
  if (wasLineTaken === true) return "answer";
  const counted: Turn = { ...rest, refusals: refusals + 1 };
  await ports.journal.save(lease, counted, signal);
  if (refusals + 1 < maxRefusals) return "platform";
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    const reply = new ReplyWriter({ ...ports, platform }, lease, counted, []);
    await reply.close(tryingAgain, signal);
    await ports.journal.save(lease, { ...reply.turn, wasLineTaken: true }, signal);
    return "unknown";
  } catch (refusal) {
    if (refusal instanceof PlatformError && isOutage(refusal)) return "platform";
    throw refusal;
  }
}
