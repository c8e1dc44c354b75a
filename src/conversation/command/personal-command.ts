import { commandInboxOf } from "../../domain/conversation.ts";
import type { CommandInbound } from "../../domain/inbound.ts";
import type { Delegated } from "../../domain/own-inbounds.ts";
import type { CommandRunner } from "./command.ts";
import { parseArgument } from "./parse-argument.ts";

/**
 * Whether a command runs apart from any conversation, in its person's command inbox: it concerns a place or a person, and
 * only that person sees its answer. Given in a conversation, a command that may ask back stays there, because the "yes"
 * follows it in the same inbox; so does one that runs beside it, so that Stop ends it; and so does one that can't be
 * understood.
 */
export function runsApart(
  commands: ReadonlyMap<string, CommandRunner>,
  { name, argument: text, isOutside }: CommandInbound,
): boolean {
  const runner = commands.get(name);
  if (runner === undefined || runner.definition.scope === "conversation") return false;
  const argument = parseArgument(runner.definition, text);
  if (argument === undefined) return isOutside === true;
  if (runner.isPublic?.(argument) === true) return false;
  return isOutside === true || (runner.mayAskBack !== true && runner.runsInBackground !== true);
}

/** The entry of a person's command inbox that holds a command. */
export function personalCommand(command: CommandInbound): Delegated {
  const { platform, by, dedupeId } = command;
  const conversation = commandInboxOf(platform, by.id);
  return { kind: "delegated", conversation, dedupeId, platform: "", place: "", command };
}

/** Whether a delegated command lies in the command inbox of its person. */
export function isPersonal({ chapter }: Delegated): boolean {
  return chapter === undefined;
}
