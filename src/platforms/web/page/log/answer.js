import { effect, useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { RichText } from "../answer/rich-text.js";
import { press } from "../state/actions.js";
import { Choices } from "./choices.js";
import { addFresh, drawLater, drawSome, forget } from "./draw-answers.js";
import { Files } from "./files.js";
import { ReplyBar } from "./reply-bar.js";
import { isReplyAction, replyButtons } from "./reply-actions.js";
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

/** Draws an answer's text in the node of `body`, also as it grows. `isUndrawn`: a signal, true while some is missing. */
function useAnswerText({ message, draft, conversation }) {
  const [body, answer, isUndrawn] = [useRef(), useRef(), useSignal(false)];
  const turn = draft?.turn;
  useLayoutEffect(() => {
    answer.current = { markdown: new RichText(body.current), isUndrawn };
    return () => forget(answer.current);
  }, []);
  useLayoutEffect(() => {
    let draw = answer.current.text === undefined ? addFresh : drawSome;
    return effect(() => {
      // The draft may have ended before this is drawn again.
      if (turn !== undefined && conversation.running?.turn !== turn) return;
      const text = turn === undefined ? message.text : conversation.runningText;
      Object.assign(answer.current, { text, isWhole: turn === undefined });
      draw(answer.current);
      draw = drawLater;
    });
  }, [message, turn]);
  return { body, isUndrawn, source: () => answer.current.text };
}
