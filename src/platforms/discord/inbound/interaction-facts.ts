import {
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  type APIApplicationCommandAutocompleteInteraction,
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageApplicationCommandInteraction,
  type APIMessageComponentButtonInteraction,
  type APIMessageComponentSelectMenuInteraction,
  type APIModalSubmitInteraction,
  type Client,
} from "discord.js";

import type { Author } from "../../../domain/message.ts";
import type { Right } from "../../../domain/rights.ts";
import { directRoom, roomIn, type Room } from "../api/channels.ts";
import { rightsIn, type RoomKind } from "../access/permissions.ts";

/** The person behind an interaction, and their rights in its channel. */
export interface CommandAuthor {
  readonly by: Author;
  /** Missing: in a DM. */
  readonly rights?: readonly Right[];
}

export function isSlashCommand(
  interaction: APIInteraction,
): interaction is APIChatInputApplicationCommandInteraction {
  return (
    interaction.type === InteractionType.ApplicationCommand &&
    interaction.data.type === ApplicationCommandType.ChatInput
  );
}

/** An entry of a message's menu. */
export function isMessageMenu(
  interaction: APIInteraction,
): interaction is APIMessageApplicationCommandInteraction {
  return (
    interaction.type === InteractionType.ApplicationCommand &&
    interaction.data.type === ApplicationCommandType.Message
  );
}

export function isAutocomplete(
  interaction: APIInteraction,
): interaction is APIApplicationCommandAutocompleteInteraction {
  return interaction.type === InteractionType.ApplicationCommandAutocomplete;
}

export function isSelect(
  interaction: APIInteraction,
): interaction is APIMessageComponentSelectMenuInteraction {
  return (
    interaction.type === InteractionType.MessageComponent &&
    interaction.data.component_type === ComponentType.StringSelect
  );
}

export function isButton(interaction: APIInteraction): interaction is APIMessageComponentButtonInteraction {
  return (
    interaction.type === InteractionType.MessageComponent &&
    interaction.data.component_type === ComponentType.Button
  );
}

export function isFormSubmit(interaction: APIInteraction): interaction is APIModalSubmitInteraction {
  return interaction.type === InteractionType.ModalSubmit;
}

export function roomOfInteraction(client: Client, interaction: APIInteraction): Room {
  const { channel, guild_id: guild } = interaction;
  const id = channel?.id ?? ("channel_id" in interaction ? interaction.channel_id : "") ?? "";
  return guild === undefined ? directRoom(id) : roomIn(client, guild, { ...channel, id });
}

export function commandAuthor(interaction: APIInteraction, kind: RoomKind): CommandAuthor {
  const rights = rightsOf(interaction, kind);
  return { by: authorOf(interaction), ...(rights === undefined ? {} : { rights }) };
}

/** Undefined in a DM, where Discord sends no permissions. */
export function rightsOf({ member }: APIInteraction, kind: RoomKind): readonly Right[] | undefined {
  return member === undefined ? undefined : rightsIn(member.permissions, kind);
}

function authorOf({ member, user }: APIInteraction): Author {
  const account = member?.user ?? user;
  if (account === undefined) return { id: "", name: "someone" };
  return { id: account.id, name: member?.nick ?? account.global_name ?? account.username };
}
