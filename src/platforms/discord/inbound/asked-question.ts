import { Locale, type APIInteraction, type APIModalSubmitInteraction } from "discord.js";

import { raceAbort } from "../../../async/race-abort.ts";
import { conversationOf } from "../api/channels.ts";
import { textInForm } from "../wire/action-form.ts";
import { parseAskForm, questionWhenEmpty } from "../wire/ask-form.ts";
import { privateResponse, thinking, type FirstResponse } from "../wire/first-response.ts";
import { isAway } from "./away.ts";
import { acceptCommand } from "./interaction-command.ts";
import { commandAuthor, isFormSubmit, roomOfInteraction } from "./interaction-facts.ts";
import type { MenuPorts } from "./menu.ts";

const gone = privateResponse("I don't have that message any more. Please choose it again.");

/** Whether a person sends their question about a message. */
export function isAskForm(interaction: APIInteraction): interaction is APIModalSubmitInteraction {
  return isFormSubmit(interaction) && parseAskForm(interaction.data.custom_id) !== undefined;
}

/**
 * Stores a question about a message. Where the bot knows no conversation with it, the question is answered from the message
 * alone. Undefined: another replica responds.
 */
export async function respondToQuestion(
  ports: MenuPorts,
  interaction: APIModalSubmitInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const { client, directory, chosenMessages } = ports;
  const { id = "", topic = "" } = parseAskForm(interaction.data.custom_id) ?? {};
  const room = roomOfInteraction(client, interaction);
  const to = conversationOf({ ...room, channel: topic });
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const at = { platform: "discord", conversation: to, id };
  const about = await raceAbort(chosenMessages.find(at, author.by.id, signal), signal);
  if (about === undefined) return gone;
  const away = isAway(client, interaction) ? { isAway: true as const } : {};
  const isKnown =
    away.isAway === undefined && (await raceAbort(directory.entry(to, signal), signal)) !== undefined;
  const question = textInForm(interaction.data) || questionWhenEmpty(interaction.locale ?? Locale.EnglishUS);
  const chosen = { command: { name: "ask", argument: question }, about };
  const context = { room, to, ...author, ...away, ...(isKnown ? {} : { isApart: true as const }) };
  const acceptance = await acceptCommand(ports, interaction, { chosen, context }, signal);
  return acceptance === "duplicate" ? undefined : thinking;
}
