import type { Action } from "./action.ts";
import type { RememberedMessage } from "./conversation-memory.ts";
import { isCutAnswer } from "./cut-answer.ts";

/** What decides about the buttons of a reply. */
export type ShownReply = Pick<RememberedMessage, "role" | "text" | "turnId">;

/**
 * The buttons under a reply to a question. They name its turn, so those of an answer that was replaced do nothing. A notice
 * can only be tried again.
 */
export function replyActions({ role, text, turnId: on }: ShownReply): readonly Action[] {
  if (on === undefined || role === "person") return [];
  const regenerate: Action = { id: "regenerate", label: "Regenerate", style: "button", on };
  if (role === "notice") return [{ ...regenerate, label: "Try again" }];
  return [
    ...(isCutAnswer(text)
      ? [{ id: "continue", label: "Continue", style: "button", emphasis: "primary", on } as const]
      : []),
    regenerate,
    { id: "thumbs-up", label: "👍", style: "thumb", on },
    { id: "thumbs-down", label: "👎", style: "thumb", on },
  ];
}
