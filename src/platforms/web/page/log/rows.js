import { html } from "htm/preact";
import { useLayoutEffect } from "preact/hooks";

import { dayName } from "../common/times.js";
import { takeOffer } from "../state/actions.js";
import { hidesMessage } from "../state/deletions.js";
import { frames } from "../state/outbox.js";
import { state } from "../state/state.js";
import { Answer } from "./answer.js";
import { Chapter } from "./chapter.js";
import { drawFresh } from "./draw-answers.js";
import { Line } from "./line.js";
import { More } from "./more.js";
import { Notice } from "./notice.js";
import { holdSteady, markMessage } from "./steady.js";
import { UserMessage } from "./user-message.js";
import { Working } from "./working.js";

/** Message → its element. Preact skips what has the same element again. */
const drawn = new WeakMap();

/** What stands in the log. Stays at the end if the reader is there, else at what is being read. */
export function Rows({ conversation }) {
  const { marked } = state;
  const restore = holdSteady();
  useLayoutEffect(() => {
    drawFresh();
    restore();
  });
  useLayoutEffect(() => {
    if (marked !== undefined) markMessage(marked.id);
  }, [marked]);
  const rows = rowsOf(conversation);
  if (rows.length > 0 || !conversation.isLoaded) return rows;
  return html`<p class="welcome">Ask me anything. I'll remember it next time.</p>`;
}

function rowsOf(conversation) {
  const { messages, running } = conversation;
  const runningAt = conversation.placeOfRunning;
  const draft = runningAt === -1 ? [] : [answerRow(conversation, { draft: running })];
  const rows = messages.map((message, index) => {
    const before = messages[index - 1];
    return [
      index === runningAt && draft,
      startsChapter(conversation, before, message) && html`<${Chapter} key=${`chapter ${message.id}`} />`,
      startsDay(before, message) &&
        html`<div class="day" key=${`day ${message.id}`}>${dayName(message.atMs)}</div>`,
      messageRow(conversation, message),
      linesAfter(conversation, message.id),
    ];
  });
  const undo = conversation.offersUndo ? undefined : () => takeOffer({ name: "reset", argument: "undo" });
  return [
    conversation.more !== undefined && html`<${More} key="more" isCut=${conversation.isCut} />`,
    linesAfter(conversation, undefined),
    rows,
    runningAt === messages.length && draft,
    startsChapter(conversation, messages.at(-1), {}) && html`<${Chapter} key="chapter" onUndo=${undo} />`,
    conversation.showsWork && html`<${Working} key="working" work=${conversation.work} />`,
    waitingFor(messages).map((frame) => html`<${UserMessage} key=${frame.id} message=${frame} />`),
  ]
    .flat(4)
    .filter(Boolean);
}

/** A message without a chapter is in the conversation's last. */
function startsChapter({ chapter: last, since }, { chapter: before = last } = {}, { chapter = last }) {
  return chapter > before && chapter <= since;
}

function startsDay(before, { atMs }) {
  return before === undefined || new Date(before.atMs).toDateString() !== new Date(atMs).toDateString();
}

/** What the person has said here and the server has not stored yet. */
function waitingFor(messages) {
  const stored = new Set(messages.map(({ id }) => id));
  return frames.value.filter(
    ({ type, id, conversation }) => type === "say" && conversation === state.current && !stored.has(id),
  );
}

function linesAfter({ lines }, id) {
  return lines
    .filter(({ after }) => after === id)
    .map((line) => html`<${Line} key=${`line ${line.key}`} line=${line} />`);
}

function messageRow(conversation, message) {
  const { running: draft } = conversation;
  if (message.id === draft?.turn) return answerRow(conversation, { message, draft });
  if (hidesMessage(message)) return undefined;
  if (!drawn.has(message)) drawn.set(message, elementOf(conversation, message));
  return drawn.get(message);
}

function elementOf(conversation, message) {
  if (message.role === "assistant") return answerRow(conversation, { message });
  return html`<${message.role === "user" ? UserMessage : Notice} key=${message.id} message=${message} />`;
}

function answerRow(conversation, { message, draft }) {
  const key = draft?.turn ?? message.id;
  return html`<${Answer} key=${key} message=${message} draft=${draft} conversation=${conversation} />`;
}
