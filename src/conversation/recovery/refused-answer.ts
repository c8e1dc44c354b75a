import type { Turn } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { tryingAgain } from "../text/user-messages.ts";
import { isOutage } from "./is-outage.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";

/** After this many refusals, another text is tried in place of the answer. */
const maxRefusals = 5;

/** Why an answer can't be posted. */
type Fault = "platform" | "answer" | "unknown";

/**
 * Tells an outage of the platform from an answer that it always refuses (some texts always get a 5xx). After some refusals,
 * a short line is posted in place of the answer. If that is refused too, the platform is down. If it is accepted, the
 * answer is tried once more; a further refusal means that the answer is the cause.
 */
export async function faultOf(
  ports: Pick<TurnPorts, "journal" | "memories" | "platforms" | "commands" | "clock" | "log">,
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
