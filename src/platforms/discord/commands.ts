import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type APIApplicationCommandInteractionDataOption,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord.js";

import type { CommandDefinition } from "../../domain/command.ts";
import type { DiscordApi } from "./api.ts";

/** The words behind a command, for Discord: switches that are on or off. */
function toSlashCommand(command: CommandDefinition): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.description,
    integration_types: [ApplicationIntegrationType.GuildInstall],
    // Not in DMs between people: the bot could not write there.
    contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
    options: command.options.map(({ word, description }) => ({
      type: ApplicationCommandOptionType.Boolean as const,
      name: word,
      description,
    })),
  };
}

/** The switches that are on, as the words that a person would have typed. */
export function argumentOf(
  options: readonly APIApplicationCommandInteractionDataOption[] | undefined,
): string {
  return (options ?? [])
    .flatMap((option) => ("value" in option && option.value === true ? [option.name] : []))
    .join(" ");
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
  readonly options?:
    | readonly {
        readonly type: number;
        readonly name: string;
        readonly description: string;
      }[]
    | undefined;
}

/** What we set, without what Discord adds. */
function fingerprint(commands: readonly Comparable[]): string {
  const compared = commands.map(({ type, name, description, options, contexts }) => ({
    type,
    name,
    description,
    contexts: [...(contexts ?? [])].toSorted((a, b) => a - b),
    options: (options ?? []).map((option) => [option.type, option.name, option.description]),
  }));
  return JSON.stringify(compared.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}
