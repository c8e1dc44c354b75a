import { usageOf } from "../conversation/command/parse-argument.ts";
import type { CommandRunner } from "../conversation/command/command.ts";
import type { CommandDefinition } from "../domain/command.ts";

/** The commands that people use most, as buttons. */
const mostUsed = [
  { label: "Summarise", name: "summary", argument: "" },
  { label: "What I remember", name: "memory", argument: "" },
  { label: "Delete my data", name: "forget", argument: "me" },
];
const orElse = "Try `summary`, `memory` or `forget me`.";

/** Tells what the bot can do, from the definitions of the other commands. It fits on one screen: options are left out. */
export function helpFor(others: readonly CommandDefinition[]): CommandRunner {
  const definition: CommandDefinition = {
    name: "help",
    description: "What I can do",
    options: [],
    scope: "place",
    worksAnywhere: true,
  };
  const choices = mostUsed.map(({ name, label, argument }) => {
    const described = others.find((each) => each.name === name);
    return { name, label, argument, line: described && helpLine(described) };
  });
  return {
    definition,
    interrupts: false,
    needs: () => "nothing",
    run: async ({ ports: { platform } }) => ({
      say: [
        platform.isOurPage === true ? pageIntro : chatIntro(platform.readsMentionsOnly === true),
        "",
        ...others.map(helpLine),
      ].join("\n"),
      isShared: false,
      offers: { choices, orElse },
    }),
  };
}

const chatIntro = (readsMentionsOnly: boolean): string =>
  `Mention me in a channel or write to me directly: I answer in the thread and remember it. ${
    readsMentionsOnly
      ? "Mention me in each message there: I can't read the others."
      : "While it's just the two of us, you don't have to mention me again."
  }`;

const pageIntro = "Just write. I answer here and remember it. Only you can read your conversations.";

function helpLine(definition: CommandDefinition): string {
  return `- ${usageOf({ ...definition, options: [] })}: ${definition.description}`;
}
