/** What stands in the place of words, in the sentences of Slack, its clients and its libraries. */
const placeholders: ReadonlySet<string> = new Set(
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
  ].map(bare),
);
const longest = 80;
const sizeOfPicture = /^\d+x\d+px image$/u;

/** Whether a text only says that there is something else. */
export function isPlaceholder(text: string): boolean {
  return text.length <= longest && (placeholders.has(bare(text)) || sizeOfPicture.test(text));
}

function bare(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[’']/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
