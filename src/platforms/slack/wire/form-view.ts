import type { types } from "@slack/bolt";
import { z } from "zod";

import type { ActionForm } from "../../../domain/action-form.ts";
import type { FormErrors } from "./acknowledgement.ts";
import type { ViewSubmissionBody } from "./payload-schemas.ts";

const callback = "threadkeeper_form";
const field = "threadkeeper_text";

/** The press that opened a form. Slack keeps it in the view: another process may receive what is sent. */
const formOrigin = z.object({
  action: z.string(),
  on: z.string(),
  team: z.string().min(1),
  channel: z.string().min(1),
  thread: z.string().min(1),
  message: z.string().optional(),
});

interface InputField extends Pick<ActionForm, "label" | "maxChars"> {
  readonly isOptional: boolean;
}

export type FormOrigin = z.output<typeof formOrigin>;

/**
 * A form as a modal. Its private_metadata has at most 3,000 characters, and an origin a few hundred.
 * https://docs.slack.dev/reference/views/modal-views
 */
export function formView(
  { title, label, submit, maxChars }: ActionForm,
  origin: FormOrigin,
): types.ModalView {
  return {
    type: "modal",
    callback_id: callback,
    private_metadata: JSON.stringify(origin),
    title: plainText(title),
    submit: plainText(submit),
    // The press counts without a text, so nothing is cancelled.
    close: plainText("Skip"),
    blocks: [inputBlock({ label, maxChars, isOptional: true })],
  };
}

/** The field of a modal. */
export function inputBlock({ label, maxChars, isOptional }: InputField): types.InputBlock {
  return {
    type: "input",
    block_id: field,
    optional: isOptional,
    label: plainText(label),
    element: { type: "plain_text_input", action_id: field, multiline: true, max_length: maxChars },
  };
}

/** The press that a sent form belongs to. Undefined: the form is not ours, or of a version that wrote it in another way. */
export function originIn({ view }: ViewSubmissionBody): FormOrigin | undefined {
  if (view.callback_id !== callback) return undefined;
  try {
    return formOrigin.safeParse(JSON.parse(view.private_metadata ?? "")).data;
  } catch {
    return undefined;
  }
}

/** What the person wrote. Empty: nothing. */
export function textIn({ view }: ViewSubmissionBody): string {
  return view.state.values[field]?.[field]?.value?.trim() ?? "";
}

/** Keeps the form open, with a line under its field. */
export function formError(line: string): FormErrors {
  return { response_action: "errors", errors: { [field]: line } };
}

/** A title, a label or a line of a modal. */
export function plainText(label: string): types.PlainTextElement {
  return { type: "plain_text", text: label };
}
