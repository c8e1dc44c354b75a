import type { CommandCall } from "../conversation/command/command.ts";
import { inboundFormat } from "../conversation/inbounds/registry.ts";
import type { Said } from "../domain/inbound.ts";
import { PlatformError } from "../ports/platform-error.ts";

/** Whether the message was deleted, or its author or the asker wants to be forgotten since the command was given. */
export async function isGone(
  { ports, command }: CommandCall,
  about: Said,
  signal: AbortSignal,
): Promise<boolean> {
  const { inbox, erasureRequests } = ports;
  if (await inbox.isMarked(deletionMarkOf(about), signal)) return true;
  const people = [about.message.author.id, command.by.id];
  const cutoffs = await erasureRequests.cutoffs(command.platform, people, signal);
  return [...cutoffs.values()].some((beforeMs) => beforeMs > command.saidAtMs);
}

/** The dedupe mark of the message's deletion. */
export function deletionMarkOf(about: Said): string {
  return inboundFormat.factsOf(about).deletedBy ?? "";
}

/** Whether an answer might be shown there. Pressing the button tells where it turns out otherwise. */
export async function maybeIn(
  { ports: { platform }, command }: CommandCall,
  signal: AbortSignal,
): Promise<boolean> {
  if (command.isOutside !== true || platform.isIn === undefined) return true;
  try {
    return await platform.isIn(command.place, signal);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return true;
  }
}
