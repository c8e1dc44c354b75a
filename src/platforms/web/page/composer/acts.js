import { html } from "htm/preact";

import { stop } from "../state/actions.js";
import { conversation, state } from "../state/state.js";
import { focusField, isEmpty, sayLine } from "./draft.js";
import { canRecord, recordedSeconds, startRecording } from "./recorder.js";
import { attachFiles, sendDraft } from "./send-draft.js";

/** Record, Stop and Send: those that fit. */
export function Acts() {
  const { isBusy } = conversation();
  const mayRecord = isEmpty() && !isBusy && state.isVoiceHeard && recordedSeconds.value === undefined;
  return html`
    <div class="acts">
      <button
        type="button"
        id="record"
        title="Record a message"
        aria-label="Record a message"
        hidden=${!mayRecord || !canRecord()}
        onClick=${record}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <rect x="9" y="3" width="6" height="11" rx="3" />
          <path d="M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21" />
        </svg>
      </button>
      <button type="button" id="stop" hidden=${!isBusy} onClick=${stopAnswer}>Stop</button>
      <button type="submit" id="send" class="main-action" hidden=${isBusy && isEmpty()}>Send</button>
    </div>
  `;
}

function record() {
  void startRecording({ onFile: takeRecording, onFault: sayLine, onEnd: focusField });
}

function takeRecording(file, isToSend) {
  attachFiles([file]);
  if (isToSend) sendDraft();
}

function stopAnswer() {
  stop();
  focusField();
}
