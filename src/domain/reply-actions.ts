import type { Action } from "./action.ts";
import type { RememberedMessage } from "./conversation-memory.ts";
import { maxAnswerChars } from "./answer-limits.ts";
import { isCutAnswer } from "./cut-answer.ts";
import { editIsNoCommand, placeholderText } from "./fixed-notices.ts";

/** What decides about the buttons of a reply. */
export type ShownReply = Pick<RememberedMessage, "role" | "text" | "turnId" | "answers">;

/** Another try would change nothing about these. */
const withoutButtons: ReadonlySet<string> = new Set([placeholderText, editIsNoCommand]);

/**
 * The buttons under a reply to a question; what answers no message, such as the public answer of a command, has none. They
 * name the turn of the reply, so those of an answer that was replaced do nothing. A notice can only be tried again.
 */
export function replyActions({ role, text, turnId: on, answers }: ShownReply): readonly Action[] {
  if (on === undefined || role === "person" || answers.length === 0) return [];
  if (role === "notice" && withoutButtons.has(text)) return [];
  const regenerate: Action = { id: "regenerate", label: "Regenerate", style: "button", on };
  if (role === "notice") return [{ ...regenerate, label: "Try again" }];
  return [
    ...(isCutAnswer(text) && text.length < maxAnswerChars
      ? [{ id: "continue", label: "Continue", style: "button", emphasis: "primary", on } as const]
      : []),
    regenerate,
    { id: "thumbs-up", label: "👍", style: "thumb", on },
    { id: "thumbs-down", label: "👎", style: "thumb", on },
  ];
}
