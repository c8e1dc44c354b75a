import type { CommandDefinition } from "../../../domain/command.ts";
import type { InboxEntry } from "../../../domain/inbound.ts";
import { placeholderText } from "../../../domain/fixed-notices.ts";
import { shownFiles } from "../files/shown-files.ts";
import type { ShownMessage } from "../wire/shown-message.ts";
import { asksAgain } from "../wire/reply-buttons.ts";
import { looksLikeCommand } from "./looks-like-command.ts";

/**
 * Remembered messages, with the inbox applied as the coming turns will do. Messages that wait have no ordinal, and come
 * last. A command that was typed as a text never becomes a message. Replies to be given
 * again are marked.
 */
export function withPending(
  messages: readonly ShownMessage[],
  entries: readonly InboxEntry[],
  commands: readonly CommandDefinition[],
): readonly ShownMessage[] {
  const shown = new Map(messages.map((each) => [each.id, each]));
  for (const { inbound } of entries) {
    if (inbound.kind === "erased") shown.clear();
    else if (inbound.kind === "deleted") shown.delete(inbound.message);
    else if (inbound.kind === "edited") {
      const known = shown.get(inbound.message);
      if (known !== undefined) shown.set(known.id, { ...known, text: inbound.text });
    } else if (inbound.kind === "said") {
      const { id, text, saidAtMs: atMs, attachments } = inbound.message;
      if (!shown.has(id) && !looksLikeCommand(text, commands))
        shown.set(id, { id, role: "user", text, atMs, ...shownFiles(attachments) });
    }
  }
  const asked = askedAgain(entries);
  return Array.from(shown.values(), (each) =>
    isPlaceholder(each) || asked.has(each.id) || asked.has(each.on ?? "") ? { ...each, again: true } : each,
  );
}

function isPlaceholder({ role, text }: ShownMessage): boolean {
  return role === "notice" && text === placeholderText;
}

/** The replies, and the turns that made them, that the inbox wants again. */
function askedAgain(entries: readonly InboxEntry[]): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ inbound }) => {
      if (inbound.kind === "reasked") return [inbound.reply];
      return inbound.kind === "pressed" && asksAgain(inbound.action) ? [inbound.on] : [];
    }),
  );
}
