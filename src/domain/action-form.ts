import type { ActionId } from "./inbound.ts";

/**
 * A form with one optional text, which opens at the press of a button. The press counts at once. A text that is sent arrives
 * as a second press of the same action, with the text as its `value`. Closing the form changes nothing.
 */
export interface ActionForm {
  /** At most 24 characters (Slack's limit for a modal's title). */
  readonly title: string;
  /** At most 45 characters (Discord's limit for a label). */
  readonly label: string;
  readonly submit: string;
  readonly maxChars: number;
}

const formsOfActions: Readonly<Partial<Record<ActionId, ActionForm>>> = {
  "thumbs-down": { title: "What was wrong?", label: "Reason (optional)", submit: "Send", maxChars: 1_000 },
};

const forms = new Map<string, ActionForm>(Object.entries(formsOfActions));

/** The form that opens at a press. Undefined: none, or an action that this version does not know. */
export function formOf(action: string): ActionForm | undefined {
  return forms.get(action);
}
