import type { APIMessageApplicationCommandInteraction } from "discord.js";

import { raceAbort } from "../../../async/race-abort.ts";
import type { ChosenMessages } from "../../../ports/chosen-messages.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { openAskForm } from "../wire/ask-form.ts";
import { privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { chosenMessage } from "./chosen-message.ts";
import { commandAuthor } from "./interaction-facts.ts";
import type { ListedCommandPorts } from "./listed-conversation.ts";
import { messageMenus } from "./message-menus.ts";

export interface MenuPorts extends ListedCommandPorts {
  readonly chosenMessages: ChosenMessages;
}

const unreadable = privateResponse("There's nothing in that message that I can read.");
const notKept = privateResponse("I can't take questions right now. Please try again in a few minutes.");

/** Handles an entry of a message's menu. Undefined: it is one of another version. */
export async function respondToMenu(
  ports: MenuPorts,
  interaction: APIMessageApplicationCommandInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  if (interaction.data.name !== messageMenus.ask) return undefined;
  const said = await raceAbort(chosenMessage(ports, interaction, signal), signal);
  if (said === undefined) return unreadable;
  // The form holds no text, and its answer may reach another process.
  const { by } = commandAuthor(interaction, "channel");
  const id = await raceAbort(ports.chosenMessages.keep({ said, asker: by.id }, signal), signal);
  return id === undefined ? notKept : openAskForm({ id, topic: threadOf(said) }, interaction.locale);
}
