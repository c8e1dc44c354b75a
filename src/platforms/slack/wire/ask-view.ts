import type { types } from "@slack/bolt";
import { z } from "zod";

import { formError, inputBlock, plainText } from "./form-view.ts";
import type { FormErrors } from "./acknowledgement.ts";
import type { ViewSubmissionBody } from "./payload-schemas.ts";
import { truncateTo } from "./safe-text.ts";

const callback = "threadkeeper_ask";
/** Slack's limit. https://docs.slack.dev/reference/views/modal-views */
const maxMetadataChars = 3_000;
const maxQuestionChars = 2_000;
const shownChars = 300;

/**
 * What a question is about. Slack keeps it in the modal: another process may receive the question, and in a channel that the
 * bot is not in, nothing else tells the message.
 */
const askOrigin = z.object({
  team: z.string().min(1),
  channel: z.string().min(1),
  thread: z.string().min(1),
  message: z.string().min(1),
  /** Nobody has replied to the message yet. */
  alone: z.literal(true).optional(),
  /** The author's id in Slack. Missing: an app without one. */
  user: z.string().optional(),
  author: z.object({ id: z.string(), name: z.string(), isApp: z.literal(true).optional() }),
  text: z.string(),
  files: z.array(z.string()),
  /** The response_url of the shortcut. */
  url: z.string().optional(),
  /** When the shortcut was used (ms). */
  at: z.number(),
});

export type AskOrigin = z.output<typeof askOrigin>;

/** A modal that shows the beginning of the message and asks for a question. Of a long message, it keeps the beginning. */
export function askView(origin: AskOrigin): types.ModalView {
  const { author, text, files } = origin;
  const shown = [text, ...files].filter((each) => each !== "").join("\n");
  return {
    type: "modal",
    callback_id: callback,
    private_metadata: fitted(origin),
    title: plainText("Ask about this"),
    submit: plainText("Ask"),
    close: plainText("Cancel"),
    blocks: [
      { type: "section", text: plainText(truncateTo(`${author.name}: ${shown}`, shownChars)) },
      inputBlock({ label: "Your question", maxChars: maxQuestionChars, isOptional: false }),
    ],
  };
}

/** As JSON, with as much of the text as fits. */
function fitted(origin: AskOrigin): string {
  let metadata = JSON.stringify(origin);
  for (let chars = origin.text.length; metadata.length > maxMetadataChars && chars > 0;) {
    // A character takes up to six in JSON, so this ends after a few rounds.
    chars = Math.max(0, Math.min(chars - 1, Math.floor(chars * (maxMetadataChars / metadata.length))));
    metadata = JSON.stringify({ ...origin, text: truncateTo(origin.text, Math.max(1, chars)) });
  }
  return metadata;
}

/** Whether a sent modal is a question about a message. */
export function isAskView({ view }: ViewSubmissionBody): boolean {
  return view.callback_id === callback;
}

/** Undefined: it was opened by a version that wrote it in another way. */
export function askOriginIn({ view }: ViewSubmissionBody): AskOrigin | undefined {
  try {
    return askOrigin.safeParse(JSON.parse(view.private_metadata ?? "")).data;
  } catch {
    return undefined;
  }
}

/** Slack's own clients don't send an empty question. */
export function questionMissing(): FormErrors {
  return formError("Please write a question.");
}
