import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { Question } from "./question.js";

/** The open question: { question, text, body, choices, field, answer(given) }. Undefined: none. */
const asked = signal();

/** Shows something to look at. */
export function show(question, body) {
  void ask({ question, body, choices: [] });
}

/** Asks for a yes; Cancel has the focus. `isFinal`: the action destroys something. */
export async function askToConfirm({ question, text, yes, isFinal = false }) {
  return (await askToChoose({ question, text, choices: [{ value: "yes", label: yes, isFinal }] })) === "yes";
}

/** Asks for one of `choices`: { value, label, isFinal }. Undefined: cancelled. */
export async function askToChoose(what) {
  return (await ask(what))?.value;
}

/**
 * Asks for a text: { value, text }, where `value` is the pressed choice's. Undefined: cancelled. `label`, `maxChars`: of a
 * long text.
 */
export function askForText(question, { choices = [{ value: "save", label: "Save" }], ...field }) {
  return ask({ question, choices, field });
}

function ask(what) {
  return new Promise((resolve) => {
    asked.value = { ...what, answer: resolve };
  });
}

export function AskDialog() {
  const [dialog, field] = [useRef(), useRef()];
  const what = asked.value;
  useLayoutEffect(() => {
    if (what === undefined) return restoreCaret();
    dialog.current.returnValue = "";
    dialog.current.showModal();
    (field.current ?? dialog.current.querySelector("menu button")).focus();
    field.current?.select();
  }, [what]);
  const onClose = ({ target: { returnValue: value } }) => {
    asked.value = undefined;
    what.answer(value === "" ? undefined : { value, text: field.current?.value.trim() });
  };
  return html`
    <dialog id="ask" ref=${dialog} aria-labelledby="ask-what" aria-describedby="ask-more" onClose=${onClose}>
      ${what && html`<${Question} key=${what} what=${what} input=${field} />`}
    </dialog>
  `;
}

/** Chromium gives the focus back to a text field without a caret after one of a dialog was removed. */
function restoreCaret() {
  const { activeElement: field } = document;
  if (field.matches("textarea")) field.setSelectionRange(field.selectionStart, field.selectionEnd);
}
