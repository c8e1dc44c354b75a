import type { Edited, Inbound } from "../../../domain/inbound.ts";
import type { Acceptance } from "../../../ports/inbox.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { asObject } from "../wire/json-object.ts";

const maxMessages = 1_000;

/**
 * The files of messages that mention the bot. Slack sends such a message as two events, of which the app_mention may come first
 * and lack the files: https://github.com/NousResearch/hermes-agent/pull/77141. Then the other one counts as an edit that adds
 * them.
 */
export class LateFiles {
  /** Messages that were stored with their files. Another replica may have stored others. */
  readonly #whole = growingCache<true>(maxMessages);

  /** The edit, if there is one. `stored`: what became of the message itself. */
  editOf(inbound: Inbound, body: unknown, stored: Acceptance | undefined): Edited | undefined {
    if (inbound.kind !== "said" || inbound.addressing !== "mention") return undefined;
    const { message, dedupeId, conversation, platform, place, replyTo } = inbound;
    const { id, text, attachments } = message;
    if (attachments.length === 0) return undefined;
    const isMention = asObject(asObject(body)["event"])["type"] === "app_mention";
    if (stored !== "duplicate" || isMention) {
      this.#whole.set(dedupeId, true);
      return undefined;
    }
    if (this.#whole.has(dedupeId)) return undefined;
    const where = { conversation, platform, place, replyTo };
    return { ...where, kind: "edited", dedupeId: `${dedupeId}:files`, message: id, text, attachments };
  }
}
