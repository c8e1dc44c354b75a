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

/**
 * Opens the form of an action, as the response to its press. The form has the press's id, because another process may receive it.
 * https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal
 */
export function openForm(
  { title, label, maxChars }: ActionForm,
  { topic, action, on }: PressedAction,
): FirstResponse {
  const data: APIModalInteractionResponseCallbackData = {
    custom_id: actionId({ topic, action, ...(on === undefined ? {} : { on }) }),
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
