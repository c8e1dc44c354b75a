import { type TurnPorts } from "../planning/turn-ports.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { RememberingPlan } from "../planning/plan.ts";

/** Sends a private line to the author of a plan, besides the answer. A failure is logged only. */
export async function notifyAuthor(
  ports: Pick<TurnPorts, "platforms" | "log">,
  plan: RememberingPlan,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (plan.kind === "listen" || plan.kind === "changes") return;
  const to = plan.kind === "command" ? plan.command.replyTo : plan.question.replyTo;
  try {
    await platformFor(ports, to.platform).sendPrivately(to, [text], signal);
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn({ err: error }, "could not notify the author of a message in private");
  }
}
