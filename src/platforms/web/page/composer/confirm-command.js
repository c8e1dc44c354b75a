import { askToChoose, askToConfirm } from "../dialog/ask.js";
import { nearestName } from "./nearest-name.js";
import { parseCommand } from "./parse-command.js";

/** What commands that change memory ask first, by their name or first word. */
const questions = {
  reset: {
    question: "Start fresh?",
    text: "I'll ignore everything said in this conversation so far. Nothing is deleted, and you can undo it for 24 hours.",
    yes: "Start fresh",
  },
  me: {
    question: "Delete everything you said, everywhere?",
    text: "This permanently deletes everything I've stored from you, in every conversation, with my replies to it. It can't be undone.",
    yes: "Delete for good",
    isFinal: true,
  },
  this: {
    question: "Delete this conversation?",
    text: "This permanently deletes everything I've stored from it: messages, replies and summary. It can't be undone.",
    yes: "Delete for good",
    isFinal: true,
  },
};

/** Asks for confirmation of a command that changes memory. Returns the command to send; undefined: cancelled. */
export async function confirmCommand({ name, argument }) {
  const words = argument.toLowerCase().split(/\s+/u);
  const isConfirmed = words.includes("yes") || words.includes("undo");
  if (isConfirmed || !["reset", "forget"].includes(name)) return { name, argument };
  if (name === "reset") return (await askToConfirm(questions.reset)) ? { name, argument } : undefined;
  const what = ["me", "this"].find((word) => words.includes(word)) ?? (await whatToForget());
  const isMeant = what !== undefined && (await askToConfirm(questions[what]));
  return isMeant ? { name, argument: `${what} yes` } : undefined;
}

function whatToForget() {
  return askToChoose({
    question: "What should I forget?",
    choices: [
      { value: "me", label: "Everything I said, everywhere" },
      { value: "this", label: "This conversation" },
    ],
  });
}

/**
 * Asks what to do with a text that looks like a command but is unknown: { command }, { text } to send, or undefined
 * to go back to it. `names`: the known commands.
 */
export async function resolveText(text, names) {
  const { name, argument, isPlain } = parseCommand(text) ?? {};
  if (name === undefined) return { text };
  const near = nearestName(name, names);
  if (near === undefined && !isPlain) return { text };
  const choices = [{ value: "text", label: "Send as a message" }];
  if (near !== undefined) choices.push({ value: "command", label: `Use /${near}` });
  const choice = await askToChoose({
    question: near === undefined ? `There's no command /${name}.` : `Did you mean /${near}?`,
    text: near === undefined ? "Send it as a message?" : `There's no command /${name}. Nothing was sent.`,
    choices,
  });
  if (choice === undefined) return undefined;
  return choice === "command" ? { command: { name: near, argument } } : { text };
}
