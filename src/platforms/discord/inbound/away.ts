import { InteractionContextType, type APIInteraction, type Client } from "discord.js";

import type { CommandDefinition } from "../../../domain/command.ts";
import { conversationOf } from "../api/channels.ts";
import { parseButtonId } from "../wire/offer-buttons.ts";
import {
  acknowledged,
  oneMoment,
  privateResponse,
  thinking,
  type FirstResponse,
} from "../wire/first-response.ts";
import { toArgument } from "./command-argument.ts";
import { acceptCommand, type AcceptCommandPorts, type ChosenCommand } from "./interaction-command.ts";
import { commandAuthor, isButton, isSlashCommand, roomOfInteraction } from "./interaction-facts.ts";

interface AwayPorts extends AcceptCommandPorts {
  readonly client: Client;
  readonly commands: readonly CommandDefinition[];
}

/**
 * Whether the interaction comes from where the bot is no member: a server that only has people who installed it for themselves, or
 * a DM between people. There it can only respond, and knows nothing but what it is given.
 * https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-context-types
 */
export function isAway({ guilds }: Client, { guild_id: guild, context }: APIInteraction): boolean {
  // A server's interactions also come through the account of a person, so `authorizing_integration_owners` does not tell.
  if (guild !== undefined) return !guilds.cache.has(guild);
  return context !== InteractionContextType.BotDM;
}

/** Stores a command that needs no memory of the place; says of all others that they do. Leaves no conversation. */
export async function respondAway(
  ports: AwayPorts,
  interaction: APIInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const chosen = chosenIn(ports.commands, interaction);
  const definition = ports.commands.find(({ name }) => name === chosen?.command.name);
  // Only commands that work anywhere have given it buttons; some commands exist as buttons only.
  const isButtonOnly = definition === undefined && chosen?.offer !== undefined;
  if (chosen === undefined || !(isButtonOnly || definition?.worksAnywhere === true))
    return privateResponse(needsMembership);
  const room = roomOfInteraction(ports.client, interaction);
  const context = {
    room,
    to: conversationOf(room),
    ...commandAuthor(interaction, "channel"),
    isAway: true,
  } as const;
  const acceptance = await acceptCommand(ports, interaction, { chosen, context }, signal);
  if (acceptance === "duplicate") return chosen.offer === undefined ? undefined : acknowledged;
  return isButton(interaction) ? oneMoment(interaction) : thinking;
}

const needsMembership =
  "I'm not a member here, so I have no memory of this place. Use this in a server that I'm in, or in a DM with me.";

/** The command, or the one on the pressed button of an answer to one. Undefined: it is anything else. */
function chosenIn(
  commands: readonly CommandDefinition[],
  interaction: APIInteraction,
): ChosenCommand | undefined {
  if (isSlashCommand(interaction)) {
    const { name, options } = interaction.data;
    const argument = toArgument(
      commands.find((each) => each.name === name),
      options,
    );
    return { command: { name, argument } };
  }
  const pressed = isButton(interaction) ? parseButtonId(interaction.data.custom_id) : undefined;
  if (pressed === undefined) return undefined;
  const { id, atMs, name, argument } = pressed;
  return { command: { name, argument }, offer: { id, atMs } };
}
