import { ApplicationCommandOptionType, type APIApplicationCommandInteractionDataOption } from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";

export type OptionValues = readonly APIApplicationCommandInteractionDataOption[];

/**
 * The argument as a person would type it: the switches that are on, in the definition's order, then the text. Without
 * a definition (a command registered by an older version), the switches are in Discord's order.
 */
export function toArgument(definition: CommandDefinition | undefined, given: OptionValues = []): string {
  const on = given.flatMap((option) => ("value" in option && option.value === true ? [option.name] : []));
  const known = definition?.options.map(({ word }) => word) ?? on;
  return [...known.filter((word) => on.includes(word)), textIn(definition, given, known)].join(" ").trim();
}

function textIn(
  definition: CommandDefinition | undefined,
  given: OptionValues,
  known: readonly string[],
): string {
  const text = optionText(given, definition?.text?.name);
  const words = text.toLowerCase().split(/\s+/u);
  // Typed, "share prices" would mean the switch "share" and the text "prices". In a field it is all text.
  const isMistakable = known.includes(words.at(0) ?? "") || known.includes(words.at(-1) ?? "");
  return isMistakable ? `"${text}"` : text;
}

/** The trimmed text of an option. Empty: it was not given. */
export function optionText(given: OptionValues = [], name: string | undefined): string {
  const field = given.find(
    (option) => option.type === ApplicationCommandOptionType.String && option.name === name,
  );
  return field !== undefined && "value" in field ? String(field.value).trim() : "";
}
