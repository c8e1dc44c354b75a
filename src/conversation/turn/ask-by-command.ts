import type { CommandInbound, Said } from "../../domain/inbound.ts";
import { orderedMessageId } from "../../domain/ordered-message.ts";
import type { Lease } from "../../domain/turn.ts";
import { parseArgument } from "../command/parse-argument.ts";
import { refusalOf } from "../command/permission.ts";
import type { CommandPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { platformFor } from "../reply/platform-for.ts";

interface Commanded {
  readonly lease: Lease;
  readonly plan: CommandPlan;
  readonly remembered: Remembered;
}

/**
 * Asks the question that a command stands for, as a message of its person, and finishes. So the answer can be stopped and
 * given again, and goes with its question. Accepting is idempotent: a crash between the two writes is harmless. False: the
 * command stands for none, can't be understood, or is refused, so it runs.
 */
export async function askByCommand(
  ports: TurnPorts,
  { lease, plan, remembered }: Commanded,
  signal: AbortSignal,
): Promise<boolean> {
  const { command, covers } = plan;
  const { memory, traces } = remembered;
  const runner = ports.commands.get(command.name);
  if (runner?.isQuestion !== true || ports.replyMode === "off") return false;
  const argument = parseArgument(runner.definition, command.argument);
  if (argument === undefined) return false;
  const platform = platformFor(ports, command.replyTo.platform);
  const need = runner.needs(argument);
  if ((await refusalOf({ ...ports, platform }, { command, need, memory }, signal)) !== undefined)
    return false;
  await ports.accept(questionOf(command, argument.text), signal);
  // What is said in the place itself belongs to other conversations.
  const seededAtMs = ports.clock.nowMs();
  const outside = command.isOutside === true ? { ...memory, seededAtMs } : memory;
  await ports.journal.finish(lease, { ...traces, covers, posts: [], memory: outside }, signal);
  return true;
}

function questionOf(command: CommandInbound, text: string): Said {
  const { conversation, dedupeId, platform, place, by, saidAtMs, replyTo, name } = command;
  const id = command.message ?? orderedMessageId(dedupeId);
  const message = { id, author: by, text: `/${name} ${text}`, saidAtMs, attachments: [] };
  const asked = { conversation, dedupeId: `asked:${dedupeId}`, platform, place, replyTo };
  return { ...asked, kind: "said", addressing: "mention", message };
}
