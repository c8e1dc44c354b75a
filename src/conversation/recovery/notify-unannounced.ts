import type { Lease } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { CommandResult } from "../command/command.ts";
import { delayedErasureOf } from "../memory/delayed-erasure.ts";
import type { CommandPlan } from "../planning/plan.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { splitMarkdown } from "../reply/split-markdown.ts";
import { notifyAnswerLost } from "./notify-unanswered.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { platformFor } from "../reply/platform-for.ts";

interface Unshown {
  readonly lease: Lease;
  readonly plan: CommandPlan;
  /** As it was before the command. */
  readonly remembered: Remembered;
}

const changesNothing =
  "I can't post here to tell the others, so I've changed nothing. Allow me to post here, then try again.";
const forYouAlone = "I can't post here, so only you see this:\n\n";

/** Tells the person in private that a public answer can't be posted. */
export async function notifyUnannounced(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  { command }: CommandPlan,
  result: CommandResult,
  signal: AbortSignal,
): Promise<void> {
  const { replyTo } = command;
  const platform = platformFor(ports, replyTo.platform);
  const text = isChange(result) ? changesNothing : `${forYouAlone}${result.say}`;
  try {
    await platform.sendPrivately(replyTo, splitMarkdown(text, platform.limits.postChars), signal);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    ports.log.warn({ err: error }, "could not notify the author of a command in private");
    await notifyAnswerLost(ports, command, error, signal);
  }
}

/** A change for other people must be announced to them. */
function isChange({ erase, memory }: CommandResult): boolean {
  return erase === true || memory !== undefined;
}

/** Finishes a command that can't be announced, without its changes. */
export async function finishUnannounced(
  ports: Pick<TurnPorts, "journal" | "delayedErasures" | "platforms" | "clock" | "ids" | "log">,
  { lease, plan, remembered }: Unshown,
  result: CommandResult,
  signal: AbortSignal,
): Promise<void> {
  const { traces, memory } = remembered;
  const { conversation, erasing } = memory;
  await notifyUnannounced(ports, plan, result, signal);
  // The command may have recorded a delayed erasure.
  if (erasing === undefined) await ports.delayedErasures.drop(conversation, signal);
  else await ports.delayedErasures.put(delayedErasureOf(memory, erasing), signal);
  // Nothing was said there, so nothing is left of the command.
  const left = memory.nextOrdinal === 1 && memory.asked === undefined ? { erase: true as const } : { memory };
  await ports.journal.finish(lease, { ...traces, covers: plan.covers, posts: [], ...left }, signal);
}
