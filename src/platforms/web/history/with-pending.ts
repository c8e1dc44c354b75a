import type { CommandDefinition } from "../../../domain/command.ts";
import type { InboxEntry } from "../../../domain/inbound.ts";
import type { ShownMessage } from "../wire/protocol.ts";
import { looksLikeCommand } from "./looks-like-command.ts";

/**
 * Remembered messages, with the inbox applied as the coming turns will do. Messages that wait have no ordinal, and come
 * last. A command that was typed as a text never becomes a message.
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
      const { id, text, saidAtMs: atMs } = inbound.message;
      if (!shown.has(id) && !looksLikeCommand(text, commands))
        shown.set(id, { id, role: "user", text, atMs });
    }
  }
  return [...shown.values()];
}
