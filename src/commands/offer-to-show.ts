import type { CommandCall, CommandResult } from "../conversation/command/command.ts";
import { dropAnswer, keepAnswer, type KeptAnswer } from "../conversation/command/kept-answer.ts";
import type { Said } from "../domain/inbound.ts";
import { showCommand } from "../domain/offer.ts";
import { deletionMarkOf, maybeIn } from "./about-message.ts";

interface PrivateAnswer extends Pick<KeptAnswer, "question" | "answer" | "others" | "sources"> {
  /** The message that it is about. */
  readonly about: Said;
  /** Whether something that it was made from is gone by now. */
  readonly isOutdated: () => Promise<boolean>;
}

/**
 * The button that shows a private answer to everyone. None where the bot can't post, or the answer can't be kept. Undefined: what
 * it was made from is gone, so nobody gets the answer.
 */
export async function offerToShow(
  call: CommandCall,
  { about, isOutdated, ...answer }: PrivateAnswer,
  signal: AbortSignal,
): Promise<Pick<CommandResult, "offers"> | undefined> {
  const { ports, command } = call;
  const at = { ...command, id: ports.ids.reference() };
  const { id: message, permalink, author } = about.message;
  const kept: KeptAnswer = {
    ...answer,
    message,
    deletedBy: deletionMarkOf(about),
    asker: command.by.id,
    author: author.id,
    askedAtMs: command.saidAtMs,
    ...(permalink === undefined ? {} : { permalink }),
  };
  const isKept = (await maybeIn(call, signal)) && (await keepAnswer(ports, at, kept, signal));
  // Asked only now: an earlier deletion may have missed what was kept.
  if (await isOutdated()) {
    if (isKept) await dropAnswer(ports, at, signal);
    return undefined;
  }
  if (!isKept) return {};
  const choices = [{ label: "Show everyone", name: showCommand, argument: at.id }];
  return { offers: { choices, orElse: "Only you can see this." } };
}
