import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type APIApplicationCommandBasicOption,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { DiscordApi } from "../api/discord-api.ts";

/** Of a text that is given to a command. */
const maxTextLength = 500;

/**
 * A command for Discord, whose commands have fields: the free text is one, and each option word is a switch. What
 * somebody would type as `@bot recall share the plan` is `/recall words:the plan share:True`; see `toArgument`.
 */
function toSlashCommand(command: CommandDefinition): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.description,
    integration_types: [ApplicationIntegrationType.GuildInstall],
    // Not in DMs between people: the bot could not write there.
    contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
    // Discord wants what is required first.
    options: [...textField(command), ...switches(command)],
  };
}

function textField({ text }: CommandDefinition): readonly APIApplicationCommandBasicOption[] {
  if (text === undefined) return [];
  const { name, description, isRequired } = text;
  const field = {
    type: ApplicationCommandOptionType.String as const,
    name,
    description,
    max_length: maxTextLength,
  };
  return [isRequired ? { ...field, required: true } : field];
}

function switches({ options }: CommandDefinition): readonly APIApplicationCommandBasicOption[] {
  return options.map(({ word, description }) => ({
    type: ApplicationCommandOptionType.Boolean as const,
    name: word,
    description,
  }));
}

/** Registers the commands, but only when Discord knows them otherwise: changes are counted per day. @throws {PlatformError} */
export async function registerCommands(
  api: DiscordApi,
  application: string,
  commands: readonly CommandDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const wanted = commands.map(toSlashCommand);
  if (fingerprint(await api.commands(application, signal)) === fingerprint(wanted)) return;
  await api.replaceCommands(application, wanted, signal);
}

interface Comparable {
  readonly type?: number | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly contexts?: readonly number[] | null | undefined;
  readonly options?: readonly ComparableOption[] | undefined;
}

interface ComparableOption {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly required?: boolean | undefined;
  readonly max_length?: number | undefined;
}

/** What we set, without what Discord adds. */
function fingerprint(commands: readonly Comparable[]): string {
  const compared = commands.map(({ type, name, description, options, contexts }) => ({
    type,
    name,
    description,
    contexts: [...(contexts ?? [])].toSorted((a, b) => a - b),
    options: (options ?? []).map((option) => [
      option.type,
      option.name,
      option.description,
      option.required ?? false,
      option.max_length ?? 0,
    ]),
  }));
  return JSON.stringify(compared.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}
