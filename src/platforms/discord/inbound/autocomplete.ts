import {
  InteractionResponseType,
  type APIApplicationCommandAutocompleteInteraction,
  type APIApplicationCommandOptionChoice,
} from "discord.js";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import type { Log } from "../../../ports/log.ts";
import { choiceTitle, threadOf } from "../outbound/conversation-picker.ts";
import type { FirstResponse } from "../wire/first-response.ts";
import { isAway } from "./away.ts";
import { conversationOption, conversationsIn, matching, maySeeTitles } from "./conversation-option.ts";
import { roomOfInteraction } from "./interaction-facts.ts";
import type { SlashCommandPorts } from "./slash-command.ts";

interface AutocompletePorts extends SlashCommandPorts {
  readonly log: Log;
}

type Choice = APIApplicationCommandOptionChoice<string>;

/** https://docs.discord.com/developers/interactions/application-commands#autocomplete */
const maxChoices = 25;
const maxChoiceLength = 100;

/**
 * What fits to what a person has typed so far in a command's field. Stores nothing. Never rejects: without suggestions, the
 * person types on.
 */
export async function respondToAutocomplete(
  ports: AutocompletePorts,
  interaction: APIApplicationCommandAutocompleteInteraction,
  signal: AbortSignal,
): Promise<FirstResponse> {
  try {
    return choicesResponse(await choicesFor(ports, interaction, signal));
  } catch (error) {
    ports.log.info({ err: error }, "could not suggest anything for a Discord command");
    return choicesResponse([]);
  }
}

async function choicesFor(
  ports: AutocompletePorts,
  interaction: APIApplicationCommandAutocompleteInteraction,
  signal: AbortSignal,
): Promise<readonly Choice[]> {
  // What needs no suggestions works there, too.
  if (isAway(ports.client, interaction)) return [];
  const { name, options } = interaction.data;
  const focused = options.find((option) => "focused" in option && option.focused);
  if (focused === undefined || !("value" in focused)) return [];
  const typed = String(focused.value);
  const definition = ports.commands.find((each) => each.name === name);
  if (focused.name === definition?.text?.name) {
    const texts = definition.text.suggest?.(typed, ports.clock.nowMs()) ?? [];
    return texts.map((text) => ({ name: text, value: text }));
  }
  return focused.name === conversationOption.name ? conversationsFor(ports, interaction, typed, signal) : [];
}

/** The newest conversations of the channel, if the person may read them. */
async function conversationsFor(
  ports: AutocompletePorts,
  interaction: APIApplicationCommandAutocompleteInteraction,
  typed: string,
  signal: AbortSignal,
): Promise<readonly Choice[]> {
  const room = roomOfInteraction(ports.client, interaction);
  if (room.kind === "direct" || !maySeeTitles(interaction)) return [];
  const entries = await conversationsIn(ports, room, signal);
  return matching(entries, typed).map((entry) => toChoice(entry, ports.clock.nowMs()));
}

function toChoice(entry: DirectoryEntry, nowMs: number): Choice {
  return { name: choiceTitle(entry, nowMs, maxChoiceLength), value: threadOf(entry) };
}

function choicesResponse(choices: readonly Choice[]): FirstResponse {
  const fitting = choices.filter(({ name }) => name.length <= maxChoiceLength).slice(0, maxChoices);
  return { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices: fitting } };
}
