import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type APIApplicationCommandBasicOption,
  type LocalizationMap,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { localize } from "../localization/localize.ts";
import { conversationOption } from "./conversation-option.ts";
import { messageMenus, privateQuestion } from "./message-menus.ts";

/** UTF-16 code units in a command's text field. */
const maxTextLength = 500;

/** Where the commands are offered: in servers that have the bot, and to people who have added it to their account. */
const integrationTypes = [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall];
const contexts = [
  InteractionContextType.Guild,
  InteractionContextType.BotDM,
  InteractionContextType.PrivateChannel,
];

/**
 * A command as Discord registers it: the free text is a field, and each option word a switch. The typed `@bot recall
 * share the plan` is `/recall words:the plan share:True`; see `toArgument`.
 * https://docs.discord.com/developers/interactions/application-commands
 */
function toSlashCommand(command: CommandDefinition): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    ...described(command.description),
    integration_types: integrationTypes,
    contexts,
    // Discord requires that required options come first.
    options: [...textField(command), ...conversationField(command), ...switches(command)],
  };
}

/** For people who have installed the bot for themselves. In the DM with the bot they just write. */
function toPrivateQuestion(): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return {
    ...toSlashCommand(privateQuestion),
    integration_types: [ApplicationIntegrationType.UserInstall],
    contexts: [InteractionContextType.Guild, InteractionContextType.PrivateChannel],
  };
}

function toMessageMenu(name: string): RESTPostAPIContextMenuApplicationCommandsJSONBody {
  return {
    type: ApplicationCommandType.Message,
    name,
    name_localizations: localize(name),
    integration_types: integrationTypes,
    contexts,
  };
}

interface Described {
  readonly description: string;
  readonly description_localizations: LocalizationMap;
}

function described(description: string): Described {
  return { description, description_localizations: localize(description) };
}

function textField({ text }: CommandDefinition): readonly APIApplicationCommandBasicOption[] {
  if (text === undefined) return [];
  const { name, description, isRequired, suggest } = text;
  const field = {
    type: ApplicationCommandOptionType.String as const,
    name,
    ...described(description),
    max_length: maxTextLength,
    ...(isRequired ? { required: true } : {}),
  };
  return [suggest === undefined ? field : { ...field, autocomplete: true }];
}

function conversationField({ scope }: CommandDefinition): readonly APIApplicationCommandBasicOption[] {
  if (scope !== "conversation") return [];
  const { name, description, maxLength } = conversationOption;
  const type = ApplicationCommandOptionType.String as const;
  return [{ type, name, ...described(description), max_length: maxLength, autocomplete: true }];
}

function switches({ options }: CommandDefinition): readonly APIApplicationCommandBasicOption[] {
  return options.map(({ word, description }) => ({
    type: ApplicationCommandOptionType.Boolean as const,
    name: word,
    ...described(description),
  }));
}

/** Registers the commands and the menus of messages if Discord's list differs. Discord limits registrations per day. @throws {PlatformError} */
export async function registerCommands(
  api: DiscordApi,
  application: string,
  commands: readonly CommandDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const wanted: readonly RESTPostAPIApplicationCommandsJSONBody[] = [
    ...commands.map(toSlashCommand),
    toPrivateQuestion(),
    ...Object.values(messageMenus).map(toMessageMenu),
  ];
  if (fingerprint(await api.commands(application, signal)) === fingerprint(wanted)) return;
  await api.replaceCommands(application, wanted, signal);
}

type Localizations = RESTPostAPIChatInputApplicationCommandsJSONBody["description_localizations"];

interface Comparable {
  readonly type?: number | undefined;
  readonly name: string;
  readonly name_localizations?: Localizations;
  readonly description?: string | undefined;
  readonly description_localizations?: Localizations;
  readonly contexts?: readonly number[] | null | undefined;
  readonly integration_types?: readonly number[] | null | undefined;
  readonly options?: readonly ComparableOption[] | undefined;
}

interface ComparableOption {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly description_localizations?: Localizations;
  readonly required?: boolean | undefined;
  readonly max_length?: number | undefined;
  readonly autocomplete?: boolean | undefined;
}

/** The fields that we set, without those that Discord adds. */
function fingerprint(commands: readonly Comparable[]): string {
  const compared = commands.map(
    ({ type, name, options, contexts: where, integration_types: by, ...texts }) => ({
      type,
      name,
      texts: textsOf(texts),
      contexts: sorted(where),
      integrationTypes: sorted(by),
      options: (options ?? []).map((option) => [
        option.type,
        option.name,
        textsOf(option),
        option.required ?? false,
        option.max_length ?? 0,
        option.autocomplete ?? false,
      ]),
    }),
  );
  return JSON.stringify(compared.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}

type Texts = Pick<Comparable, "description" | "description_localizations" | "name_localizations">;

/** A message's menu has no description, which Discord gives back as an empty one. */
function textsOf({ description = "", description_localizations, name_localizations }: Texts): unknown {
  const localized = [description_localizations, name_localizations].map((each) =>
    Object.entries(each ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  return [description, ...localized];
}

function sorted(numbers: readonly number[] | null | undefined): readonly number[] {
  return (numbers ?? []).toSorted((a, b) => a - b);
}
