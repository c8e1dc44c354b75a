import { effect, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { RichText } from "../answer/rich-text.js";
import { addFresh, drawLater, drawSome, forget } from "./draw-answers.js";

/**
 * Draws an answer's text in the node of `body`, and again as it grows. `isUndrawn`: a signal, true while some of it is not
 * drawn yet.
 */
export function useAnswerText({ message, draft, conversation }) {
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
