import { type TurnPorts } from "./turn-ports.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { RememberingPlan } from "./plan-turn.ts";

/** Something besides the answer, for whoever asked alone. What can't be told now is in the log: the caller has seen to that. */
export async function notifyAuthor(
  ports: TurnPorts,
  plan: RememberingPlan,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (plan.kind === "listen" || plan.kind === "meanwhile") return;
  const to = plan.kind === "command" ? plan.command.replyTo : plan.question.replyTo;
  try {
    await platformFor(ports, to.platform).sendPrivately(to, [text], signal);
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn({ err: error }, "could not tell somebody what went wrong");
  }
}
