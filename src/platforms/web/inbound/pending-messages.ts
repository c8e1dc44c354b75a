import type { CommandDefinition } from "../../../domain/command.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Inbox } from "../../../ports/inbox.ts";
import type { Log } from "../../../ports/log.ts";
import type { ConversationViews } from "../history/conversation-views.ts";
import { looksLikeCommand } from "./looks-like-command.ts";
import { type WebPlace, keyFor } from "../wire/keys.ts";

const lookupDeadlineMs = 2_000;

interface PendingMessagesPorts {
  /** Missing: only messages that this replica received are known. */
  readonly inbox?: Pick<Inbox, "waiting">;
  readonly commands: readonly CommandDefinition[];
  readonly clock: Clock;
  readonly log: Log;
  readonly views: ConversationViews;
}

/** Messages stored before this replica's start: they wait in the inbox, and are not in memory yet. */
export class PendingMessages {
  readonly #ports: PendingMessagesPorts;

  constructor(ports: PendingMessagesPorts) {
    this.#ports = ports;
  }

  /** Adds a conversation's pending messages to its view, unless some are known. Never rejects. */
  async load(place: WebPlace): Promise<void> {
    const { inbox, views, clock, commands, log } = this.#ports;
    const key = keyFor(place);
    if (inbox === undefined || views.said(key).length > 0) return;
    try {
      for (const { inbound } of await inbox.waiting(key, AbortSignal.timeout(lookupDeadlineMs))) {
        if (inbound.kind === "said" && !looksLikeCommand(inbound.message.text, commands)) {
          const { id, text, saidAtMs: atMs } = inbound.message;
          views.addSaid(key, { id, role: "user", text, atMs }, clock.nowMs());
        } else if (inbound.kind === "edited" || inbound.kind === "deleted") {
          const text = inbound.kind === "edited" ? inbound.text : undefined;
          views.change(key, inbound.message, text, clock.nowMs());
        } else if (inbound.kind === "erased") views.remove(key, clock.nowMs());
      }
    } catch (error) {
      log.debug({ err: error }, "could not read pending messages; pages get them with their answers");
    }
  }
}
