import type { Pressed } from "./inbound.ts";

/** A button that gives a command when pressed. */
export interface Choice {
  /** At most 75 characters (Slack's limit). */
  readonly label: string;
  /** The name of a command, without the slash. */
  readonly name: string;
  /** The command's argument. May be empty. */
  readonly argument: string;
  /** The command can't be undone. Missing: it can, or it changes nothing. */
  readonly isDangerous?: true | undefined;
  /** The whole line of the text that it may stand beside, where a platform can show that. Missing: it stands below. */
  readonly line?: string | undefined;
}

/** A set of buttons under a private line. Only the first press counts. */
export interface Offer {
  /** Short and unique. */
  readonly id: string;
  readonly atMs: number;
  /** At least one. */
  readonly choices: readonly Choice[];
  /** Shown instead, where the platform has no buttons. */
  readonly orElse: string;
}

/** The command that shows everyone an answer which one person was given. Only buttons give it. */
export const showCommand = "show";

/** The button that changes nothing. */
export const cancelChoice: Choice = { label: "Cancel", name: "cancel", argument: "" };

/** A press within this time counts as confirmed. */
const confirmedForMs = 60 * 60_000;

/** Whether a pressed choice may begin a conversation: what it shows everyone may stand in a thread that the bot did not know. */
export function beginsConversation({
  value = "",
  pressedAtMs,
}: Pick<Pressed, "value" | "pressedAtMs">): boolean {
  return commandOfPress(value, pressedAtMs)?.name === showCommand;
}

/** The value of a pressed choice: when it was offered, and its command. */
export function valueOfChoice({ name, argument }: Pick<Choice, "name" | "argument">, atMs: number): string {
  return `${atMs} ${name} ${argument}`;
}

/**
 * The command of a press, by its value: a choice's, or the command as it is written. A press confirms only what was offered
 * in the last hour: else the command has no "yes", so that it asks again. Undefined if the value can't be read: a name has at
 * most 32 letters, digits, hyphens and underscores, since it is logged.
 */
export function commandOfPress(
  value: string,
  nowMs: number,
): { readonly name: string; readonly argument: string } | undefined {
  const [, atMs = "0", name, argument = ""] = /^(?:(\d+) )?([a-z][\w-]{0,31})(?: (.*))?$/su.exec(value) ?? [];
  if (name === undefined) return undefined;
  if (nowMs - Number(atMs) <= confirmedForMs) return { name, argument: argument.trim() };
  // The words of an argument are read in any case, with any space between them.
  const words = argument.split(/\s/u).filter((word) => word.toLowerCase() !== "yes");
  return { name, argument: words.join(" ").trim() };
}
