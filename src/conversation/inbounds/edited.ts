import type { Edited } from "../../domain/inbound.ts";
import { isByApp } from "../memory/app-messages.ts";
import { applyEdit } from "../memory/apply-edit.ts";
import { limitFiles, limitMessage } from "../text/limit-message.ts";
import { truncate } from "../text/truncate.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A text was changed. The answer to it is given again, if it is still there. */
export const edited: InboundKind<Edited> = {
  fields: {
    message: "text",
    text: "text",
    attachments: "attachments?",
    replyTo: "replyAddress?",
    call: "said?",
    isNewCall: "flag?",
    isByApp: "flag?",
  },
  origin: "outside",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: ({ message }) => [message],
  text: ({ text }) => text,
  truncate: ({ call, attachments, ...edit }) => ({
    ...edit,
    text: truncate(edit.text),
    ...(attachments === undefined ? {} : { attachments: limitFiles(attachments) }),
    ...(call === undefined ? {} : { call: { ...call, message: limitMessage(call.message) } }),
  }),
  replacesText: () => true,
  interrupts: (edit) => (isByApp(edit) ? undefined : { kind: "question-changed", message: edit.message }),
  outdatesRequest: (edit) => !isByApp(edit),
  changeMemory: applyEdit,
  mayRemove: () => false,
  noLongerQuoted: ({ message }) => [message],
};
