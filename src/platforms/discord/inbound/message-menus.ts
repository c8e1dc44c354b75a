import type { CommandDefinition } from "../../../domain/command.ts";

/**
 * The entries in the menu of each message, by their English names: at most 32 characters.
 * https://docs.discord.com/developers/interactions/application-commands#message-commands
 */
export const messageMenus = { ask: "Ask about this", summarize: "Summarise from here" } as const;

/** A question apart from any conversation, for people who have installed the bot for themselves. */
export const privateQuestion: CommandDefinition = {
  name: "ask",
  description: "Ask me something in private (I won't remember it)",
  options: [],
  text: { name: "question", description: "what you want to know", isRequired: true },
  scope: "place",
  worksAnywhere: true,
};
