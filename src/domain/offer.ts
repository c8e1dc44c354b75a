/** A button: pressing it gives an order. */
export interface Choice {
  /** At most 75 characters (Slack's limit). */
  readonly label: string;
  /** The name of a command, without the slash. */
  readonly name: string;
  /** Empty when nothing stands behind the name. */
  readonly argument: string;
  /** What it does can't be undone. Missing: it can, or nothing is done. */
  readonly isDangerous?: true | undefined;
}

/** Buttons under a line that the asker alone sees. The first press counts, and no other. */
export interface Offer {
  /** Short, and given once. */
  readonly id: string;
  readonly atMs: number;
  /** At least one. */
  readonly choices: readonly Choice[];
  /** What is said where there can be no buttons. */
  readonly orElse: string;
}

/** The button that leaves everything as it is. */
export const cancelChoice: Choice = { label: "Cancel", name: "cancel", argument: "" };

/** A button that was sure once need not be later. */
const confirmedForMs = 60 * 60_000;

/** The order that a press gives. Of an old offer, it asks first. */
export function commandOfPress(
  { name, argument }: Pick<Choice, "name" | "argument">,
  atMs: number,
  nowMs: number,
): { readonly name: string; readonly argument: string } {
  if (nowMs - atMs <= confirmedForMs) return { name, argument };
  const words = argument.split(" ").filter((word) => word !== "yes");
  return { name, argument: words.join(" ") };
}
