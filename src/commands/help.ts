import { usageOf } from "../conversation/command/parse-argument.ts";
import type { CommandRunner } from "../conversation/command/command.ts";
import type { CommandDefinition } from "../domain/command.ts";

/** Lists what the bot can do, from the definitions of the other commands. */
export function helpFor(others: readonly CommandDefinition[]): CommandRunner {
  const definition: CommandDefinition = {
    name: "help",
    description: "What I can do",
    options: [],
    scope: "place",
  };
  return {
    definition,
    interrupts: false,
    needs: () => "nothing",
    run: async ({ ports: { platform } }) => ({
      say: [
        ...(platform.isOurPage === true ? pageIntro : chatIntro(platform.readsMentionsOnly === true)),
        "",
        ...[...others, definition].map(helpLine),
      ].join("\n"),
      isShared: false,
    }),
  };
}

const chatIntro = (readsMentionsOnly: boolean): readonly string[] => [
  `Mention me in a channel or write to me directly: I answer in the thread and remember it. ${
    readsMentionsOnly
      ? "Mention me in each message there: I can't read the others."
      : "While it's just the two of us in a thread, you don't have to mention me again."
  }`,
  "I only repeat a conversation to people who can read it. When you edit or delete a message, I update what I remember.",
];

const pageIntro = [
  "Just write. I answer here and remember it next time.",
  "Only you can read your conversations. When you edit or delete a message, I update what I remember.",
];

function helpLine(definition: CommandDefinition): string {
  const words = definition.options.map(({ word, description }) => `\n  - \`${word}\`: ${description}`);
  return `- ${usageOf(definition)}: ${definition.description}${words.join("")}`;
}
