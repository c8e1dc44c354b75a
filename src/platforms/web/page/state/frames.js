import { follows, scrollToEnd } from "../log/follow-end.js";
import { restoreFiles } from "../composer/attachments.js";
import { restoreText } from "../composer/draft.js";
import * as log from "../log/log-view.js";
import { isReplyAction, showVerdict } from "../log/reply-buttons.js";
import { parseAddress } from "./parse-address.js";
import {
  conversation,
  dropConversation,
  dropQuotes,
  list,
  markUnread,
  newId,
  state,
  touch,
  unlist,
} from "./state.js";

/** The wait before a retry, by error code. */
const retryMs = { "not-stored": 4_000, "slow-down": 1_200, "memory-unavailable": 4_000 };
/** Refusals of a message that the person can change. */
const giveBack = new Set(["too-long", "too-many-files", "file-gone", "file-with-command"]);
/** A deletion made on this page takes effect within this time. */
const forgettingMs = 120_000;

/** Handles the server's frames: one method per type. */
export class Frames {
  #page;

  /** `page`: { link, outbox, stops, loader, replies, show, choose, chooseByAddress, goOn }. */
  constructor(page) {
    this.#page = page;
  }

  welcome(frame) {
    state.listed = new Map(frame.conversations.map((each) => [each.id, each]));
    state.commands = frame.commands;
    state.isVoiceHeard = frame.voice === true;
    state.forms = frame.forms ?? {};
    state.isDemo = frame.demo === true;
    state.canSignOut = frame.signOut === true;
    this.#page.loader.settle();
    for (const id of this.#page.stops.begin())
      if (id !== state.current) this.#page.link.send({ type: "open", conversation: id });
    if (state.current === "" && parseAddress(location.hash).conversation !== undefined)
      this.#page.chooseByAddress();
    else if (state.current === "") this.#page.choose(frame.conversations[0]?.id ?? newId());
    else this.#page.link.send({ type: "open", conversation: state.current });
    if (!this.#page.stops.areDue) this.#page.outbox.begin();
    this.#page.show();
  }

  history(frame) {
    const { conversation: id, messages } = frame;
    const isHere = id === state.current;
    const mustKeep = isHere && (this.#page.loader.hasGoal || !(state.isFresh || follows()));
    if (conversation(id).setHistory(frame, mustKeep)) dropQuotesOfGone();
    this.#page.replies.showVerdicts(messages);
    this.#settleStops(() => this.#page.stops.settle(id, conversation(id)));
    // It was started on another page.
    if (!state.listed.has(id) && messages.length > 0) touch(id, messages[0].text);
    this.#page.show();
    if (!isHere) return;
    log.clearStaleAnnouncement(conversation());
    if (state.isFresh && !this.#page.loader.hasGoal) scrollToEnd();
    state.isFresh = false;
    this.#page.goOn();
  }

  older(frame) {
    conversation(frame.conversation).setOlder(frame);
    this.#page.replies.showVerdicts(frame.messages);
    if (frame.conversation !== state.current) return;
    this.#page.loader.settle();
    this.#page.show();
    this.#page.goOn();
  }

  accepted({ id, conversation: where, files }) {
    const frame = this.#page.outbox.settle(id);
    if (frame === undefined) return;
    conversation(where).removeFaults((fault) => fault.id === id);
    if (frame.type === "say") {
      const withFiles = files === undefined ? {} : { files };
      conversation(where).addSaid({ id, role: "user", text: frame.text, atMs: Date.now(), ...withFiles });
      touch(where, frame.text || (files?.[0]?.name ?? ""));
    }
    this.#page.replies.settle(frame, { isStored: true });
    if (frame.type === "edit") conversation(where).change(frame.message, frame.text);
    if (frame.type === "delete") conversation(where).change(frame.message, undefined);
    if (frame.type === "edit" || frame.type === "delete") dropQuotes(state.forgettingAtMs);
    this.#page.show();
  }

  working({ conversation: id, words, makes, by }) {
    conversation(id).setWork({ words, makes, by });
    if (id === state.current) this.#page.show();
  }

  piece(frame) {
    const isFirst = !conversation(frame.conversation).isBusy;
    conversation(frame.conversation).addPiece(frame);
    if (frame.conversation !== state.current && isFirst) this.#page.show();
    if (frame.conversation === state.current && !log.showRunning(conversation().running)) this.#page.show();
    // The buttons of a finished answer come with its end.
    const asks = frame.actions?.some((each) => !isReplyAction(each)) === true;
    if (frame.conversation === state.current && asks) log.announce(conversation().running.text);
  }

  done(frame) {
    conversation(frame.conversation).finish(frame);
    this.#settleStops(() => this.#page.stops.forget(frame.conversation));
    if (frame.conversation !== state.current || document.hidden) markUnread(frame.conversation);
    if (frame.conversation !== state.current) {
      this.#page.show();
      return;
    }
    log.announce(frame.text);
    this.#page.show();
  }

  rated({ on, verdict }) {
    showVerdict(on, `thumbs-${verdict}`);
  }

  notice({ conversation: id, text: line, offer }) {
    conversation(id).addNotice(line, offer);
    if (id !== state.current) return;
    log.announce(line);
    this.#page.show();
  }

  file(frame) {
    conversation(frame.conversation).addFile(frame);
    if (frame.conversation !== state.current) return;
    log.announce(`${frame.name} is ready to download`);
    this.#page.show();
  }

  renamed({ conversation: id, title }) {
    const known = state.listed.get(id);
    if (known === undefined && title === "") return;
    list({ id, title, atMs: known?.atMs ?? Date.now() });
    this.#page.show();
  }

  removed({ conversation: id }) {
    unlist(id);
    dropConversation(id);
    dropQuotesOfGone();
    this.#page.outbox.removeConversation(id);
    if (id === state.current) this.#page.choose(newId());
    this.#page.show();
  }

  /** The line about it stays where it is shown. */
  unlisted({ conversation: id }) {
    if (!unlist(id)) return;
    markUnread(id, false);
    if (id !== state.current) {
      dropConversation(id);
      dropQuotesOfGone();
    }
    this.#page.show();
  }

  error(fault) {
    const waitMs = retryMs[fault.code];
    const frame = this.#page.outbox.frames.find(({ id }) => id === fault.id);
    if (frame !== undefined && waitMs !== undefined) this.#page.outbox.retry(frame.id, waitMs);
    else if (frame !== undefined) {
      this.#page.outbox.settle(frame.id);
      this.#page.replies.settle(frame, { isStored: false });
    }
    if (frame?.type === "say" && giveBack.has(fault.code)) this.#giveBack(frame, fault.files);
    // It is sent again by itself.
    if (frame !== undefined && fault.code === "slow-down") return;
    this.#page.loader.settle();
    if (fault.code === "memory-unavailable") {
      this.#settleStops(() => this.#page.stops.forget());
      setTimeout(() => this.#page.link.send({ type: "open", conversation: state.current }), waitMs);
    }
    conversation(frame?.conversation).addFault(fault);
    log.announce(fault.message);
    this.#page.show();
  }

  /** A message goes back to the field, to be changed; without the files that the server no longer has. */
  #giveBack({ conversation: where, text, shown = [] }, gone = []) {
    const kept = shown.filter(({ id }) => !gone.includes(id));
    if (kept.length > 0) restoreFiles(where, kept);
    if (where === state.current) restoreText(text);
  }

  /** Sends the frames that waited for stops, once the last stop is settled. */
  #settleStops(settle) {
    const { stops, outbox } = this.#page;
    const wereDue = stops.areDue;
    settle();
    if (wereDue && !stops.areDue) outbox.begin();
  }
}

/** Removes lines that may quote erased messages, but not those about the erasure. */
function dropQuotesOfGone() {
  const isOurs = Date.now() - state.forgettingAtMs < forgettingMs;
  dropQuotes(isOurs ? state.forgettingAtMs : Date.now());
  log.announce("");
}
