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

/** UTF-16 code units in a command's text field. */
const maxTextLength = 500;

/**
 * A command as Discord registers it: the free text is a field, and each option word a switch. The typed `@bot recall
 * share the plan` is `/recall words:the plan share:True`; see `toArgument`.
 * https://discord.com/developers/docs/interactions/application-commands
 */
function toSlashCommand(command: CommandDefinition): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.description,
    integration_types: [ApplicationIntegrationType.GuildInstall],
    // Not in DMs between people, where the bot can't write.
    contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
    // Discord requires that required options come first.
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

/** Registers the commands if Discord's list differs. Discord limits registrations per day. @throws {PlatformError} */
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

/** The fields that we set, without those that Discord adds. */
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
