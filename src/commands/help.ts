import { usageOf } from "../conversation/command/parse-arguments.ts";
import type { CommandRunner } from "../conversation/command/command.ts";
import type { CommandDefinition } from "../domain/command.ts";

/** Tells what the bot can do, from the definitions of the other commands. */
export function helpFor(others: readonly CommandDefinition[]): CommandRunner {
  const definition: CommandDefinition = {
    name: "help",
    description: "What I can do",
    options: [],
    concerns: "place",
  };
  return {
    definition,
    interrupts: false,
    needs: () => "nothing",
    run: async ({ ports: { platform } }) => ({
      say: [
        ...(platform.isOurPage === true ? onOurPage : inChats),
        "",
        ...[...others, definition].map(lineOf),
      ].join("\n"),
      isShared: false,
    }),
  };
}

const inChats = [
  "Mention me in a channel or write to me directly: I answer in the thread and remember it. While it's just the two of us in a thread, you don't have to mention me again.",
  "Only people who can read a conversation get to hear what was said in it. I follow your edits and deletions.",
];

const onOurPage = [
  "Just write: I answer here, and remember it for the next time.",
  "Only you can read your conversations. I follow your edits and deletions.",
];

function lineOf(definition: CommandDefinition): string {
  const words = definition.options.map(({ word, description }) => `\n  - \`${word}\`: ${description}`);
  return `- ${usageOf(definition)}: ${definition.description}${words.join("")}`;
}
