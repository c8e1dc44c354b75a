import {
  ComponentType,
  InteractionResponseType,
  TextInputStyle,
  type APIModalInteractionResponseCallbackData,
  type APIModalSubmission,
} from "discord.js";

import type { ActionForm } from "../../../domain/action-form.ts";
import { actionId, type PressedAction } from "./action-buttons.ts";
import type { FirstResponse } from "./first-response.ts";

interface Form {
  /** At most 100 characters. */
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly maxChars: number;
  /** Shown while the field is empty. Missing: nothing is. */
  readonly placeholder?: string;
}

/**
 * Opens the form of an action, as the response to its press. The form has the press's id, because another process may receive it.
 * https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal
 */
export function openForm(
  { title, label, maxChars }: ActionForm,
  { topic, action, on }: PressedAction,
): FirstResponse {
  const id = actionId({ topic, action, ...(on === undefined ? {} : { on }) });
  return modal({ id, title, label, maxChars });
}

/** A form with one text, which may stay empty. */
export function modal({ id, title, label, maxChars, placeholder }: Form): FirstResponse {
  const data: APIModalInteractionResponseCallbackData = {
    custom_id: id,
    title,
    components: [
      {
        type: ComponentType.Label,
        label,
        component: {
          type: ComponentType.TextInput,
          custom_id: "text",
          style: TextInputStyle.Paragraph,
          max_length: maxChars,
          required: false,
          ...(placeholder === undefined ? {} : { placeholder }),
        },
      },
    ],
  };
  return { type: InteractionResponseType.Modal, data };
}

/** What a person wrote in the form. */
export function textInForm({ components }: Pick<APIModalSubmission, "components">): string {
  const texts = components.flatMap((each) =>
    each.type === ComponentType.Label && each.component.type === ComponentType.TextInput
      ? [each.component.value.trim()]
      : [],
  );
  return texts[0] ?? "";
}
