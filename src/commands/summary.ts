import type { CommandRunner } from "../conversation/command-runner.ts";
import { buildPrompt } from "../conversation/prompt-builder.ts";

const instructions = `Summarise the conversation below for somebody who takes part in it and wants to catch up.
Each message of a person begins with that person's name and a colon.
Give what was decided, what is still open, and who is to do what, each as a short list that names people; leave out a list that would be empty. Keep names, numbers, dates and links exactly as they were written. Add nothing that was not said.
Write in the language of the conversation, in Markdown, without a heading.`;

/** Tells what was said in the current chapter. */
export const summary: CommandRunner = {
  definition: {
    name: "summary",
    description: "Tell what was said in this conversation",
    options: [{ word: "share", description: "show it to everybody here, not only to you" }],
  },
  interrupts: false,
  run: async ({ recollection, argument, ask }) => {
    const prompt = buildPrompt(recollection, instructions);
    const isShared = argument === "share";
    if (prompt.messages.length === 0) return { say: "Nothing has been said here yet.", isShared: false };
    const request = { role: "person", text: "Summarise this conversation now." } as const;
    return { say: await ask({ ...prompt, messages: [...prompt.messages, request] }), isShared };
  },
};
