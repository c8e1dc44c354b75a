import type { APIMessageComponentSelectMenuInteraction } from "discord.js";

import { pickedCommand } from "../outbound/conversation-picker.ts";
import { oneMoment, type FirstResponse } from "../wire/first-response.ts";
import { acceptForListed, type ListedCommandPorts } from "./listed-conversation.ts";

/** Handles the choice from a conversation picker. Undefined: the menu isn't ours, or another replica responds. */
export async function respondToSelect(
  ports: ListedCommandPorts,
  interaction: APIMessageComponentSelectMenuInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const { custom_id: customId, values } = interaction.data;
  const command = pickedCommand(customId);
  if (command === undefined) return undefined;
  return acceptForListed(
    ports,
    interaction,
    { topic: values[0] ?? "", chosen: { command }, response: oneMoment(interaction) },
    signal,
  );
}
