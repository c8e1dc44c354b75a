import type { ListenPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { notifyRefused } from "../recovery/notify-unanswered.ts";
import { platformFor } from "../reply/platform-for.ts";
import { howToUnmute } from "../text/user-messages.ts";

/**
 * Ends the calls that a muted bot does not answer: pages wait no longer, and authors are told in private. Called after the
 * finish: a second line would be worse than none. Rejects only when the signal aborts: a failure is logged.
 */
export async function endMutedCalls(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  { muted = [], tell = [] }: Pick<ListenPlan, "muted" | "tell">,
  signal: AbortSignal,
): Promise<void> {
  for (const { replyTo, message } of muted) {
    const end = { turn: ports.ids.turn(), text: "", covers: [message.id] };
    platformFor(ports, replyTo.platform).turnFinished?.(replyTo, end);
  }
  for (const { replyTo, message } of tell) {
    const isOurPage = platformFor(ports, replyTo.platform).isOurPage === true;
    const text = `I'm muted here. ${howToUnmute(isOurPage)}`;
    await notifyRefused(ports, replyTo, { text, message: message.id }, signal);
  }
}
