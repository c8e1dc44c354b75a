import { formOf } from "../../../domain/action-form.ts";
import type { Pressed } from "../../../domain/inbound.ts";
import { textIn, type FormOrigin } from "../wire/form-view.ts";
import type { SlackFacts } from "../wire/keys.ts";
import type { ViewSubmissionBody } from "../wire/payload-schemas.ts";
import { truncateTo } from "../wire/safe-text.ts";
import { interactionAt } from "./interaction.ts";

/**
 * A sent form: a second press of the action that opened it, with the text as its value. Undefined: the text is empty, or
 * this version has no such form.
 * https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
 */
export function fromForm(
  body: ViewSubmissionBody,
  { action, on, team, channel, thread, message }: FormOrigin,
  facts: SlackFacts,
): Pressed | undefined {
  const form = formOf(action);
  const text = textIn(body);
  if (form === undefined || text === "") return undefined;
  const under = message === undefined ? {} : { messageTs: message };
  const press = body.trigger_id ?? body.view.id;
  const place = { team, channel, threadTs: thread, ...under, press, replacesOriginal: false };
  return {
    ...interactionAt(place, body, facts),
    kind: "pressed",
    action,
    on,
    pressedAtMs: facts.nowMs,
    value: truncateTo(text, form.maxChars),
  };
}
