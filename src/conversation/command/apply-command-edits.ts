import type { CommandDefinition } from "../../domain/command.ts";
import type { CommandInbound, Edited, Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import { carrierOf } from "../inbounds/registry.ts";
import { commandFrom, parseWrittenCommand } from "./parse-command.ts";
import { isMessageChange, type MessageChange } from "../../domain/message-change.ts";

/**
 * Applies waiting edits and deletions to written commands and messages. An edited command becomes what its text now says;
 * a deleted one does not run.
 */
export function applyCommandEdits(
  waiting: readonly InboxEntry[],
  commands: readonly CommandDefinition[],
  botName: string | undefined,
): readonly InboxEntry[] {
  const last = new Map<string, MessageChange>();
  for (const { inbound } of waiting) if (isMessageChange(inbound)) last.set(inbound.message, inbound);
  if (last.size === 0) return waiting;
  return waiting.map((entry) => {
    const { inbound } = entry;
    const change = last.get(carrierOf(inbound) ?? "");
    if (change === undefined) return entry;
    return { ...entry, inbound: changed(inbound, change, { commands, botName }) };
  });
}

function changed(
  inbound: Inbound,
  change: MessageChange,
  {
    commands,
    botName,
  }: { readonly commands: readonly CommandDefinition[]; readonly botName: string | undefined },
): Inbound {
  if (inbound.kind === "said") {
    // A deleted message can't confirm anything.
    const text = change.kind === "edited" ? change.text : "";
    return { ...inbound, message: { ...inbound.message, text } };
  }
  if (inbound.kind !== "commanded") return inbound;
  const { conversation, dedupeId, platform, place } = inbound;
  if (change.kind === "deleted")
    return { kind: "deleted", conversation, dedupeId, platform, place, message: change.message };
  const said = saidAs(inbound, change);
  const order = parseWrittenCommand(said, commands, botName);
  return order === undefined ? said : commandFrom(said, order);
}

function saidAs(
  { conversation, dedupeId, platform, place, by, saidAtMs, replyTo }: CommandInbound,
  { message: id, text }: Edited,
): Said {
  const message = { id, author: by, text, saidAtMs, attachments: [] };
  return { kind: "said", conversation, dedupeId, platform, place, addressing: "mention", message, replyTo };
}
