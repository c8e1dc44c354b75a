import type { APIMessageApplicationCommandInteraction } from "discord.js";

import type { Said } from "../../../domain/inbound.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { ChosenMessages } from "../../../ports/chosen-messages.ts";
import { conversationOf } from "../api/channels.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { openAskForm } from "../wire/ask-form.ts";
import { privateResponse, thinking, type FirstResponse } from "../wire/first-response.ts";
import { isAway } from "./away.ts";
import { chosenMessage } from "./chosen-message.ts";
import { acceptCommand } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";
import type { ListedCommandPorts } from "./listed-conversation.ts";
import { messageMenus } from "./message-menus.ts";

export interface MenuPorts extends ListedCommandPorts {
  readonly chosenMessages: ChosenMessages;
}

const unreadable = privateResponse("There's nothing in that message that I can read.");
const notKept = privateResponse("I can't take questions right now. Please try again in a few minutes.");

const cantReadOn = privateResponse(
  "I'm not a member here, so I can't read what comes after that message. “Ask about this” works here.",
);

/** Handles an entry of a message's menu. Undefined: it is one of another version. */
export async function respondToMenu(
  ports: MenuPorts,
  interaction: APIMessageApplicationCommandInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const { name } = interaction.data;
  if (name !== messageMenus.ask && name !== messageMenus.summarize) return undefined;
  const away = isAway(ports.client, interaction);
  if (away && name === messageMenus.summarize) return cantReadOn;
  const said = await raceAbort(chosenMessage(ports, interaction, signal), signal);
  if (said === undefined) return unreadable;
  if (name === messageMenus.summarize) return acceptSummary(ports, interaction, said, signal);
  // The form holds no text, and its answer may reach another process.
  const { by } = commandAuthor(interaction, "channel");
  const id = await raceAbort(ports.chosenMessages.keep({ said, asker: by.id }, signal), signal);
  return id === undefined ? notKept : openAskForm({ id, topic: threadOf(said) }, interaction.locale);
}

/** In a plain channel, it is about the channel as it reads now; elsewhere, about the conversation that the bot remembers. */
async function acceptSummary(
  ports: MenuPorts,
  interaction: APIMessageApplicationCommandInteraction,
  about: Said,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const room = roomOfInteraction(ports.client, interaction);
  const to = conversationOf(room);
  const entry =
    room.kind === "channel" ? undefined : await raceAbort(ports.directory.entry(to, signal), signal);
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const apart = entry === undefined ? { isApart: true as const } : {};
  const chosen = { command: { name: "summary-from", argument: "" }, about };
  const acceptance = await acceptCommand(
    ports,
    interaction,
    { chosen, context: { room, to, ...author, ...apart } },
    signal,
  );
  return acceptance === "duplicate" ? undefined : thinking;
}
