import { html } from "htm/preact";

import { press } from "../state/actions.js";
import { Choices } from "./choices.js";
import { Files } from "./files.js";
import { ReplyBar } from "./reply-bar.js";
import { isReplyAction, replyButtons } from "./reply-actions.js";
import { useAnswerText } from "./use-answer-text.js";
import { nameOf, Who } from "./who.js";

/** An answer: a finished `message`, or a `draft` that grows, in the place of the message that it replaces, if any. */
export function Answer({ message, draft, conversation }) {
  const { body, isUndrawn, source } = useAnswerText({ message, draft, conversation });
  const { id = draft?.turn, atMs } = message ?? {};
  const asked = (draft?.actions ?? []).filter((each) => !isReplyAction(each));
  const { buttons, isAgain } = replyButtons(message, draft);
  // An answer with buttons waits for the person.
  const isRunning = draft?.actions.length === 0 || isUndrawn.value;
  const kind = `message assistant${isRunning ? " running" : ""}${isAgain ? " again" : ""}`;
  return html`
    <article class=${kind} data-id=${id} aria-label=${nameOf("assistant", atMs)}>
      <${Who} role="assistant" atMs=${atMs} />
      <div class="body" dir="auto" ref=${body}></div>
      ${draft === undefined && html`<${Files} files=${message.files} />`}
      ${asked.length > 0 && html`<${Choices} label="Answer Threadkeeper" choices=${asked.map(choiceFor)} />`}
      <${ReplyBar} buttons=${buttons} source=${source} />
    </article>
  `;
}

function choiceFor(action) {
  const kind = { primary: "main-action", danger: "final-action" }[action.emphasis];
  return { label: action.label, kind, onPress: () => press(action) };
}
