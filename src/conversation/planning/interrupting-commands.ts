import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { parseArgument } from "../command/parse-argument.ts";
import type { CommandRunner } from "../command/command.ts";
import { isByApp } from "../memory/app-messages.ts";
import { peopleIn } from "../../domain/people-in.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * The names of the commands that interrupt an answer now. A command that only asks back or changes nothing does not: the
 * question before it is still answered.
 */
export function interruptingNow(
  { commands, clock }: Pick<TurnPorts, "commands" | "clock">,
  waiting: readonly InboxEntry[],
  before: ConversationMemory,
): ReadonlySet<string> {
  const first = waiting.findIndex(({ inbound }) => inbound.kind === "commanded");
  const command = waiting[first]?.inbound;
  const authors = waiting
    .slice(0, Math.max(0, first))
    .flatMap(({ inbound }) =>
      inbound.kind === "said" && !isByApp(inbound) ? [inbound.message.author.id] : [],
    );
  const speakers = new Set([...peopleIn(before.speakers), ...authors]);
  const isSo = ({ definition, interrupts, changes }: CommandRunner): boolean => {
    if (!interrupts) return false;
    if (command?.kind !== "commanded" || command.name !== definition.name) return true;
    const argument = parseArgument(definition, command.argument);
    return (
      argument !== undefined &&
      (changes?.({ argument, by: command.by.id, before, speakers, nowMs: clock.nowMs() }) ?? true)
    );
  };
  return new Set([...commands.values()].filter(isSo).map(({ definition }) => definition.name));
}
