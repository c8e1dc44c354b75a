import { z } from "zod";

import { invalidForm } from "./answer.ts";

/** https://docs.discord.com/developers/reference#locales, as far as we translate. */
const locale = z.enum(["de", "fr", "es-ES", "es-419", "ja"]);
const text = z.string().min(1).max(100);
const described = {
  name: z.string().regex(/^[-_\p{Ll}\p{N}]{1,32}$/u),
  description: text,
  description_localizations: z.partialRecord(locale, text).nullish(),
};
const option = z
  .strictObject({
    ...described,
    type: z.literal([3, 5]),
    required: z.boolean().default(false),
    max_length: z.int().min(1).max(6_000).optional(),
    autocomplete: z.boolean().optional(),
  })
  .refine((each) => each.type === 3 || (each.max_length === undefined && each.autocomplete === undefined));

/** https://docs.discord.com/developers/interactions/application-commands#application-command-object */
const command = z.strictObject({
  ...described,
  type: z.literal(1),
  integration_types: z.array(z.literal([0, 1])).min(1),
  contexts: z.array(z.literal([0, 1, 2])).min(1),
  options: z.array(option).max(25),
});
/** https://docs.discord.com/developers/interactions/application-commands#message-commands */
const menu = z.strictObject({
  name: z.string().min(1).max(32),
  name_localizations: z.partialRecord(locale, z.string().min(1).max(32)).nullish(),
  type: z.literal(3),
  integration_types: command.shape.integration_types,
  contexts: command.shape.contexts,
});
const maxChars = 8_000;

/** Refuses what Discord refuses. */
export function checkCommand(given: unknown): void {
  if (menu.safeParse(given).success) return;
  const { success, data, error } = command.safeParse(given);
  if (!success) throw invalidForm(error.issues.map(({ path }) => path.join(".")).join(", "));
  const { options } = data;
  if (new Set(options.map(({ name }) => name)).size < options.length)
    throw invalidForm("options.name: not unique");
  const firstOptional = options.findIndex(({ required }) => !required);
  if (firstOptional >= 0 && options.slice(firstOptional).some(({ required }) => required))
    throw invalidForm("options: required ones first");
  if ([data, ...options].reduce((sum, each) => sum + charsOf(each), 0) > maxChars)
    throw invalidForm("over 8,000 characters");
}

/** Of each text, its longest language counts. */
function charsOf({
  name,
  description,
  description_localizations: localized,
}: Pick<z.output<typeof command>, keyof typeof described>): number {
  const texts = [description, ...Object.values(localized ?? {})];
  return name.length + Math.max(...texts.map(({ length }) => length));
}

/** As Discord lists a command where its localizations are not asked for. */
export function withoutLocalizations(given: unknown): unknown {
  const keep = (key: string, value: unknown): unknown => (key.endsWith("_localizations") ? undefined : value);
  return JSON.parse(JSON.stringify(given, keep));
}

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-autocomplete */
const choices = z.strictObject({
  choices: z.array(z.strictObject({ name: text, value: text })).max(25),
});

/** Refuses what Discord refuses. */
export function checkChoices(data: unknown): void {
  if (!choices.safeParse(data).success) throw invalidForm("choices");
}
