import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Verdict } from "../../../domain/feedback.ts";
import type { InboxEntry } from "../../../domain/inbound.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { ShownMessage } from "../wire/shown-message.ts";
import { verdictOf } from "../wire/reply-buttons.ts";

/** The turn of an answer → what a person thinks of it. */
export type Verdicts = ReadonlyMap<TurnId, Verdict>;

/** The verdicts of a person that the archive may not have yet. The newest counts. */
export function pendingVerdicts(
  author: string,
  entries: readonly InboxEntry[],
  memory: ConversationMemory | undefined,
): Verdicts {
  const given = (memory?.feedback ?? []).filter((each) => each.author === author);
  return new Map([
    ...given.map(({ turn, verdict }): [TurnId, Verdict] => [turn, verdict]),
    ...entries.flatMap(({ inbound }): readonly [TurnId, Verdict][] => {
      if (inbound.kind !== "pressed" || inbound.by.id !== author) return [];
      const verdict = verdictOf(inbound.action);
      return verdict === undefined ? [] : [[inbound.on, verdict]];
    }),
  ]);
}

/** Messages as pages get them, with the verdicts on the answers among them. */
export function withVerdicts(messages: readonly ShownMessage[], verdicts: Verdicts): readonly ShownMessage[] {
  if (verdicts.size === 0) return messages;
  return messages.map((each) => {
    const verdict = each.role === "assistant" ? verdicts.get(each.on ?? "") : undefined;
    return verdict === undefined ? each : { ...each, verdict };
  });
}
