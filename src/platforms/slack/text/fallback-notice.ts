/** Sentences that Slack, its clients and its libraries write in place of content. */
const notices: ReadonlySet<string> = new Set(
  [
    "This content can't be displayed",
    "This content cannot be displayed",
    "This message can't be displayed",
    "This message cannot be displayed",
    "This message contains interactive elements",
    "This message contains blocks",
    "This message contains unsupported content",
    "This message has no text",
    "This block can't be displayed",
    "Message contains blocks",
    "Message contains unsupported content",
    "Unsupported content",
    "No preview available",
    "No fallback",
    "No fallback text",
    "Fallback text",
    "Fallback",
    "No text",
    "No content",
    "Attachment",
    "Required plain-text summary of the attachment",
    "View this message in Slack",
    "Open Slack to view this message",
  ].map(normalize),
);
const maxChars = 80;
const pictureSize = /^\d+x\d+px image$/u;

/** Whether a text is only a notice that there is content of another kind. */
export function isFallbackNotice(text: string): boolean {
  return text.length <= maxChars && (notices.has(normalize(text)) || pictureSize.test(text));
}

function normalize(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[’']/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
