import { formOf, type ActionForm } from "../../../domain/action-form.ts";
import type { Verdict } from "../../../domain/feedback.ts";
import type { ActionId } from "../../../domain/inbound.ts";
import { replyActions, type ShownReply } from "../../../domain/reply-actions.ts";
import type { ReplyButtons } from "./shown-message.ts";

const verdicts: Readonly<Partial<Record<ActionId, Verdict>>> = { "thumbs-up": "up", "thumbs-down": "down" };
const byAction = new Map<string, Verdict>(Object.entries(verdicts));
const repeating = new Set<string>(["regenerate", "continue"] satisfies readonly ActionId[]);

/** A page knows the labels, so a history stays small. */
export function replyButtons(reply: ShownReply): ReplyButtons {
  const actions = replyActions(reply);
  const [first] = actions;
  if (first?.on === undefined) return {};
  return { on: first.on, ...(actions.some(({ id }) => id === "continue") ? { cut: true } : {}) };
}

/** The role and the buttons of a reply that has just been finished. */
export function finishedButtons(reply: ShownReply): ReplyButtons & { readonly role?: "notice" } {
  const { role } = reply;
  return { ...(role === "notice" ? { role } : {}), ...replyButtons(reply) };
}

/** The verdict that a press gives. Undefined: none. */
export function verdictOf(action: string): Verdict | undefined {
  return byAction.get(action);
}

/** Whether a press has the reply given again or continued. */
export function asksAgain(action: string): boolean {
  return repeating.has(action);
}

/** The forms that open at presses, by action. */
export const formsOfActions: Readonly<Record<string, ActionForm>> = Object.fromEntries(
  [...byAction.keys(), ...repeating].flatMap((action) => {
    const form = formOf(action);
    return form === undefined ? [] : [[action, form]];
  }),
);
