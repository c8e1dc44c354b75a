import { isPersonal } from "../command/personal-command.ts";
import { locateChange, unlocatedIn } from "../inbounds/locate-change.ts";
import { delegatedIn, runBackgroundCommand } from "./background-command.ts";
import type { AdmittedConversation } from "../recovery/admitted-conversation.ts";
import { deadLetterTurn, maxAttempts } from "../recovery/dead-letter-turn.ts";
import type { FailedTurn } from "../recovery/failed-turn.ts";
import { introduce, joinedIn } from "./introduce.ts";
import { runPersonalCommand } from "./run-personal-command.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/**
 * Handles entries that need no plan: a turn that failed too often, a background or personal command, a place where the bot was
 * added, and a change whose conversation is unknown. Returns whether the first entry was one of these; it is finished then.
 */
export async function runSpecialEntry(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  signal: AbortSignal,
): Promise<boolean> {
  const { lease, waiting } = claimed;
  const failed = failedTurnIn(claimed);
  const entry = delegatedIn(waiting);
  const change = unlocatedIn(waiting);
  const added = joinedIn(waiting);
  if (failed !== undefined) await deadLetterTurn(ports, failed, signal);
  else if (entry !== undefined && isPersonal(entry.inbound))
    await runPersonalCommand(ports, { ...claimed, entry }, signal);
  else if (entry !== undefined) await runBackgroundCommand(ports, { ...claimed, entry }, signal);
  else if (added !== undefined) await introduce(ports, { ...claimed, entry: added }, signal);
  else if (change !== undefined) await locateChange(ports, { lease, entry: change }, signal);
  else return false;
  return true;
}

/** Undefined: the turn may be tried again. */
function failedTurnIn(claimed: AdmittedConversation): FailedTurn | undefined {
  const { verdict, suspicion } = claimed.admission;
  const { attempt = 0 } = claimed.running ?? {};
  if (verdict === "give-up" || verdict === "bury") {
    const why = `ended the process ${suspicion?.alone} times, each time as the only suspect`;
    return { ...claimed, why, isBare: verdict === "bury" };
  }
  return attempt < maxAttempts ? undefined : { ...claimed, why: `failed ${attempt} times` };
}
