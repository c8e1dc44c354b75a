import { chosen, confirmed } from "./ask.js";
import { nearestName } from "./nearest-name.js";
import { orderFrom } from "./order-text.js";

/** Asks before an order that changes what is kept. Gives the order to send; undefined when the person thinks better of it. */
export async function confirmedOrder({ name, argument }) {
  const words = argument.toLowerCase().split(/\s+/u);
  if (words.includes("yes") || words.includes("undo")) return { name, argument };
  if (name === "reset") return (await isResetMeant()) ? { name, argument } : undefined;
  if (name === "forget") return forgetting(words);
  return { name, argument };
}

function isResetMeant() {
  return confirmed({
    question: "Start fresh?",
    text: "I'll ignore everything said in this conversation so far. Nothing is deleted, and you can undo it for 24 hours.",
    yes: "Start fresh",
  });
}

async function forgetting(words) {
  const known = ["me", "this"].find((word) => words.includes(word));
  const what = known ?? (await whatToForget());
  if (what === undefined) return undefined;
  const isMeant = await confirmed(
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
  return chosen({
    question: "What should I forget?",
    choices: [
      { value: "me", label: "Everything I said, everywhere" },
      { value: "this", label: "This conversation" },
    ],
  });
}

/**
 * What to do with a text that looks like an order and is none: { order }, { text } to be said, or undefined when the person
 * goes back to it. `names`: the orders that there are.
 */
export async function meant(text, names) {
  const { name, argument, isPlain } = orderFrom(text) ?? {};
  if (name === undefined) return { text };
  const near = nearestName(name, names);
  if (near === undefined && !isPlain) return { text };
  const choice = await chosen({
    question: near === undefined ? `There's no command /${name}.` : `Did you mean /${near}?`,
    text: near === undefined ? "Send it as a message?" : `There's no command /${name}. Nothing was sent.`,
    choices: [
      { value: "text", label: "Send as a message" },
      ...(near === undefined ? [] : [{ value: "order", label: `Use /${near}` }]),
    ],
  });
  if (choice === undefined) return undefined;
  return choice === "order" ? { order: { name: near, argument } } : { text };
}
