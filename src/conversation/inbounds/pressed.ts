import { formOf } from "../../domain/action-form.ts";
import type { Pressed } from "../../domain/inbound.ts";
import { addFeedback, isFeedback } from "../records/feedback.ts";
import { truncate } from "../text/truncate.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A button was pressed under an answer or a request for approval, or one whose action this version does not know. */
export const pressed: InboundKind<Pressed> = {
  fields: {
    action: "text",
    on: "text",
    by: "author",
    pressedAtMs: "number",
    value: "text?",
    rights: "rights?",
    replyTo: "replyAddress",
    isOutside: "flag?",
  },
  origin: "outside",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  truncate: cutFormText,
  isQuiet: isFeedback,
  // A changed mind removes the reason.
  replacesText: isFeedback,
  changeMemory: (changing, press) => ({ ...changing, memory: addFeedback(changing.memory, press) }),
  mayRemove: () => false,
};

/** Cuts the text of a press's form to the longest that the form takes. */
function cutFormText(press: Pressed): Pressed {
  const { value } = press;
  const form = formOf(press.action);
  return form === undefined || value === undefined
    ? press
    : { ...press, value: truncate(value, form.maxChars) };
}
