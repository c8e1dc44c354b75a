import { askToChoose, askToConfirm } from "../dialog/ask.js";
import { nearestName } from "./nearest-name.js";
import { parseCommand } from "./parse-command.js";

/** Asks for confirmation of a command that changes memory. Returns the command to send; undefined: cancelled. */
export async function confirmCommand({ name, argument }) {
  const words = argument.toLowerCase().split(/\s+/u);
  if (words.includes("yes") || words.includes("undo")) return { name, argument };
  if (name === "reset") return (await isResetMeant()) ? { name, argument } : undefined;
  if (name === "forget") return confirmForget(words);
  return { name, argument };
}

function isResetMeant() {
  return askToConfirm({
    question: "Start fresh?",
    text: "I'll ignore everything said in this conversation so far. Nothing is deleted, and you can undo it for 24 hours.",
    yes: "Start fresh",
  });
}

async function confirmForget(words) {
  const known = ["me", "this"].find((word) => words.includes(word));
  const what = known ?? (await whatToForget());
  if (what === undefined) return undefined;
  const isMeant = await askToConfirm(
    what === "me"
      ? {
          question: "Delete everything you said, everywhere?",
          text: "This permanently deletes everything I've stored from you, in every conversation, with my replies to it. It can't be undone.",
          yes: "Delete for good",
          isFinal: true,
        }
      : {
          question: "Delete this conversation?",
          text: "This permanently deletes everything I've stored from it: messages, replies and summary. It can't be undone.",
          yes: "Delete for good",
          isFinal: true,
        },
  );
  return isMeant ? { name: "forget", argument: `${what} yes` } : undefined;
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
  const choice = await askToChoose({
    question: near === undefined ? `There's no command /${name}.` : `Did you mean /${near}?`,
    text: near === undefined ? "Send it as a message?" : `There's no command /${name}. Nothing was sent.`,
    choices: [
      { value: "text", label: "Send as a message" },
      ...(near === undefined ? [] : [{ value: "command", label: `Use /${near}` }]),
    ],
  });
  if (choice === undefined) return undefined;
  return choice === "command" ? { command: { name: near, argument } } : { text };
}
