import { follows, scrollToEnd } from "../log/follow-end.js";
import { restoreFiles } from "../composer/attachments.js";
import { restoreText } from "../composer/draft.js";
import { isReplyAction } from "../log/reply-actions.js";
import { announce, clearStaleAnnouncement } from "../log/announcer.js";
import { choose, chooseByAddress, parseAddress } from "./choose.js";
import * as loader from "./history-loader.js";
import { send } from "./link.js";
import * as outbox from "./outbox.js";
import { settlePress, showVerdict, showVerdicts } from "./reply-presses.js";
import { conversation, dropQuotes, list, markUnread, state, touch, unlist } from "./state.js";
import * as stops from "./stops.js";

/** The wait before a retry, by error code. */
const retryMs = { "not-stored": 4_000, "slow-down": 1_200, "memory-unavailable": 4_000 };
/** Refusals of a message that the person can change. */
const giveBack = new Set(["too-long", "too-many-files", "file-gone", "file-with-command"]);
/** A deletion made on this page takes effect within this time. */
const forgettingMs = 120_000;

/** Handles the server's frames: one method per type. */
export const frames = {
  welcome(frame) {
    state.listed = new Map(frame.conversations.map((each) => [each.id, each]));
    state.commands = frame.commands;
    state.isVoiceHeard = frame.voice === true;
    state.forms = frame.forms ?? {};
    state.isDemo = frame.demo === true;
    state.canSignOut = frame.signOut === true;
    loader.settle();
    for (const id of stops.begin()) if (id !== state.current) send({ type: "open", conversation: id });
    if (state.current === "" && parseAddress(location.hash).conversation !== undefined) chooseByAddress();
    else if (state.current === "") choose(frame.conversations[0]?.id);
    else send({ type: "open", conversation: state.current });
    if (!stops.areDue()) outbox.begin();
  },

  history(frame) {
    const { conversation: id, messages } = frame;
    const isHere = id === state.current;
    const mustKeep = isHere && (loader.hasGoal() || !(state.isFresh || follows()));
    if (conversation(id).setHistory(frame, mustKeep)) dropQuotesOfGone();
    showVerdicts(messages);
    settleStops(() => stops.settle(id, conversation(id)));
    // It was started on another page.
    if (!state.listed.has(id) && messages.length > 0) touch(id, messages[0].text);
    if (!isHere) return;
    clearStaleAnnouncement(conversation());
    if (state.isFresh && !loader.hasGoal()) scrollToEnd();
    state.isFresh = false;
    goOn();
  },

  older(frame) {
    conversation(frame.conversation).setOlder(frame);
    showVerdicts(frame.messages);
    if (frame.conversation !== state.current) return;
    loader.settle();
    goOn();
  },

  accepted({ id, conversation: where, files }) {
    const frame = outbox.settle(id);
    if (frame === undefined) return;
    conversation(where).removeFaults((fault) => fault.id === id);
    if (frame.type === "say") {
      conversation(where).addSaid({ id, role: "user", text: frame.text, atMs: Date.now(), files });
      touch(where, frame.text || (files?.[0]?.name ?? ""));
    }
    settlePress(frame, { isStored: true });
    if (frame.type === "edit") conversation(where).change(frame.message, frame.text);
    if (frame.type === "delete") conversation(where).change(frame.message, undefined);
    if (frame.type === "edit" || frame.type === "delete") dropQuotes(state.forgettingAtMs);
  },

  working(frame) {
    conversation(frame.conversation).setWork(frame);
  },

  piece(frame) {
    conversation(frame.conversation).addPiece(frame);
    // The buttons of a finished answer come with its end.
    const asks = frame.actions?.some((each) => !isReplyAction(each)) === true;
    if (frame.conversation === state.current && asks) announce(conversation().runningText);
  },

  done(frame) {
    conversation(frame.conversation).finish(frame);
    settleStops(() => stops.forget(frame.conversation));
    if (frame.conversation !== state.current || document.hidden) markUnread(frame.conversation);
    if (frame.conversation === state.current) announce(frame.text);
  },

  rated({ on, verdict }) {
    showVerdict(on, `thumbs-${verdict}`);
  },

  notice({ conversation: id, text, offer }) {
    conversation(id).addLine({ kind: "notice", text, offer });
    if (id === state.current) announce(text);
  },

  file({ conversation: id, name, url, bytes }) {
    conversation(id).addLine({ kind: "file", name, url, bytes });
    if (id === state.current) announce(`${name} is ready to download`);
  },

  renamed({ conversation: id, title }) {
    const known = state.listed.get(id);
    if (known === undefined && title === "") return;
    list({ id, title, atMs: known?.atMs ?? Date.now() });
  },

  removed({ conversation: id }) {
    if (id === state.current) choose();
    unlist(id);
    dropQuotesOfGone();
    outbox.drop((frame) => frame.conversation === id);
  },

  /** The line about it stays where it is shown. */
  unlisted({ conversation: id }) {
    if (!state.listed.has(id)) return;
    unlist(id);
    markUnread(id, false);
    if (id !== state.current) dropQuotesOfGone();
  },

  error(fault) {
    const waitMs = retryMs[fault.code];
    const frame = outbox.frames.value.find(({ id }) => id === fault.id);
    if (frame !== undefined && waitMs !== undefined) outbox.retry(frame.id, waitMs);
    else if (frame !== undefined) {
      outbox.settle(frame.id);
      settlePress(frame, { isStored: false });
    }
    if (frame?.type === "say" && giveBack.has(fault.code)) returnMessage(frame, fault.files);
    // It is sent again by itself.
    if (frame !== undefined && fault.code === "slow-down") return;
    loader.settle();
    if (fault.code === "memory-unavailable") {
      settleStops(() => stops.forget());
      setTimeout(() => send({ type: "open", conversation: state.current }), waitMs);
    }
    conversation(frame?.conversation).addFault(fault);
    announce(fault.message);
  },
};

/** A message goes back to the field, to be changed; without the files that the server no longer has. */
function returnMessage({ conversation: where, text, shown = [] }, gone = []) {
  const kept = shown.filter(({ id }) => !gone.includes(id));
  if (kept.length > 0) restoreFiles(where, kept);
  if (where === state.current) restoreText(text);
}

/** Sends the frames that waited for stops, once the last stop is settled. */
function settleStops(settle) {
  const wereDue = stops.areDue();
  settle();
  if (wereDue && !stops.areDue()) outbox.begin();
}

/** Goes on with what the loader looks for, after messages arrived. */
function goOn() {
  if (!loader.goOn()) return;
  const text = "That message isn't in this conversation. It may have been deleted.";
  conversation().addLine({ kind: "fault", text });
  scrollToEnd();
}

/** Removes lines that may quote erased messages, but not those about the erasure. */
function dropQuotesOfGone() {
  const isOurs = Date.now() - state.forgettingAtMs < forgettingMs;
  dropQuotes(isOurs ? state.forgettingAtMs : Date.now());
  announce("");
}
