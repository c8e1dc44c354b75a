import type { CommandDefinition } from "../domain/command.ts";
import type { CommandInbound, Edited, Inbound } from "../domain/inbound.ts";
import type { Accept } from "../ports/accept.ts";
import type { Clock } from "../ports/clock.ts";
import type { Directory } from "../ports/directory.ts";
import { ArchiveError } from "../ports/archive.ts";
import type { Log } from "../ports/log.ts";
import type { Interruptions, TurnScheduler } from "../ports/turn-scheduler.ts";
import type { FileStore } from "../ports/file-store.ts";
import { eraseFiles, erasuresIn } from "./files/erase-files.ts";
import { changesToQuotes } from "./inbounds/changes-to-quotes.ts";
import { personalCommand } from "./command/personal-command.ts";
import { asCommand } from "./command/parse-command.ts";
import { isEditCall, type EditCall } from "./inbounds/edit-calls.ts";
import { canBeDeferred, isByApp } from "./memory/app-messages.ts";
import type { AppCalls } from "./addressing/app-calls.ts";
import { isOverdue } from "./addressing/is-overdue.ts";
import { takesPart } from "./addressing/on-arrival.ts";
import { meaningOf } from "./inbounds/press-actions.ts";
import { rulesOf } from "./inbounds/registry.ts";
import { storeInbound, storeUnlocated, type StoringPorts } from "./inbounds/store-inbound.ts";
import { isMessageChange, type MessageChange } from "../domain/message-change.ts";

interface StorePorts extends StoringPorts {
  readonly clock: Clock;
  readonly commands: readonly CommandDefinition[];
  readonly appCalls: AppCalls;
  /** Whether a command runs in its person's command inbox. */
  readonly runsApart: (command: CommandInbound) => boolean;
  /** A missed message older than this is not read as a command. */
  readonly answerWithinMs: number;
  /** The bot's display name on a platform. Missing or undefined: Threadkeeper. */
  readonly botNameIn?: (platform: string, place: string) => string | undefined;
}

/** What accepting inbounds needs. */
export interface AcceptPorts extends StorePorts {
  readonly directory: Pick<Directory, "locate" | "quoting">;
  /** Used to locate edits by apps. Missing: the same as for all others. */
  readonly forApps?: Pick<AcceptPorts, "archivedConversations" | "directory">;
  /** Whether messages of a platform can quote others. Missing: on none. */
  readonly quotesOn?: (platform: string) => boolean;
  readonly scheduler: TurnScheduler;
  readonly interruptions: Interruptions;
  readonly files: FileStore;
  readonly log: Log;
  /** The commands that stop a running answer instead of waiting for it. */
  readonly interruptingCommands: ReadonlySet<string>;
}

/** Creates the entry point of all inbounds: stores each one, then schedules its conversation and interrupts its turn. */
export function acceptWith(given: AcceptPorts): Accept {
  const accept: Accept = async (inbound, signal) => {
    const nowMs = given.clock.nowMs();
    const isOfApp = inbound.kind === "edited" && inbound.isByApp === true;
    const ports = isOfApp ? { ...given, ...given.forApps } : given;
    const understood = normalizeInbound(
      ports,
      isOfApp ? await locateEdit(ports, inbound, signal) : inbound,
      nowMs,
    );
    const acceptance = await storeInbound(ports, understood, nowMs, signal);
    if (acceptance === "stored" && !canBeDeferred(understood)) await scheduleTurn(ports, understood, signal);
    // A private answer about it may be kept.
    if (acceptance === "ignored" && isMessageChange(understood))
      await eraseFiles(ports, understood.conversation, erasuresIn([understood], []), signal);
    if (isMessageChange(understood)) await updateQuotes(ports, understood, nowMs, signal);
    // In an unknown conversation, an edit that calls the bot counts as a new message.
    if (acceptance === "ignored" && isEditCall(understood)) return accept(understood.call, signal);
    return acceptance;
  };
  return accept;
}

/** Platforms don't locate edits by apps themselves. */
async function locateEdit({ directory }: AcceptPorts, edit: Edited, signal: AbortSignal): Promise<Edited> {
  const { platform, place, message } = edit;
  try {
    const conversation = await directory.locate(platform, place, message, signal);
    return conversation === undefined ? edit : { ...edit, conversation };
  } catch (error) {
    if (error instanceof ArchiveError) return edit;
    throw error;
  }
}

/** Applies a change to the quotes of its message. While the archive is unreachable, the change is stored for later. */
async function updateQuotes(
  ports: AcceptPorts,
  change: MessageChange,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { quotesOn, directory, clock } = ports;
  if (quotesOn?.(change.platform) !== true) return;
  try {
    for (const each of await changesToQuotes(directory.quoting, change, signal)) {
      const acceptance = await storeInbound(ports, each, clock.nowMs(), signal);
      if (acceptance === "stored" && !canBeDeferred(each)) await scheduleTurn(ports, each, signal);
    }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    await storeUnlocated(ports, change, nowMs, signal);
  }
}

/** Stores without scheduling. For callers that store several inbounds of a conversation and schedule it once. */
export function storeWith(ports: StorePorts): Accept {
  return async (inbound, signal) => {
    const nowMs = ports.clock.nowMs();
    return storeInbound(ports, normalizeInbound(ports, inbound, nowMs), nowMs, signal);
  };
}

function normalizeInbound(
  { commands, answerWithinMs, botNameIn, appCalls, settingsAt, runsApart }: StorePorts,
  inbound: Inbound,
  nowMs: number,
): Inbound {
  const meant = inbound.kind === "pressed" ? meaningOf(inbound, nowMs) : inbound;
  const checked = meant.kind === "said" ? appCalls.check(meant) : meant;
  const isMuted = isEditCall(checked) && (isByApp(checked) || !takesPart(settingsAt, checked.call));
  const allowed = isMuted ? withoutCall(checked) : checked;
  const tidied = rulesOf(allowed).truncate?.(allowed) ?? allowed;
  const isPast = tidied.kind === "said" && isOverdue(tidied, nowMs, answerWithinMs);
  if (isPast || isByApp(tidied)) return tidied;
  const understood = asCommand(tidied, commands, botNameIn?.(tidied.platform, tidied.place));
  const isApart = understood.kind === "commanded" && runsApart(understood);
  return isApart ? personalCommand(understood) : understood;
}

/** The edit is applied, and calls nobody. */
function withoutCall(inbound: EditCall): Edited {
  const { call: _, ...edit } = inbound;
  return edit;
}

async function scheduleTurn(ports: AcceptPorts, inbound: Inbound, signal: AbortSignal): Promise<void> {
  try {
    const interruption = rulesOf(inbound).interrupts?.(inbound, ports.interruptingCommands);
    if (interruption !== undefined) {
      const { conversation, dedupeId } = inbound;
      await ports.interruptions.interrupt(conversation, { ...interruption, inbound: dedupeId }, signal);
    }
    await ports.scheduler.schedule(inbound.conversation, signal);
  } catch (error) {
    // It is stored, so the platform may acknowledge. The sweeper schedules it within seconds.
    ports.log.warn({ err: error }, "could not schedule a conversation; the sweeper will");
  }
}
