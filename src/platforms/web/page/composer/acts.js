import { html } from "htm/preact";

import { conversation, state } from "../state/state.js";
import { focusField, isEmpty, sayLine } from "./draft.js";
import { canRecord, recordedSeconds, startRecording } from "./recorder.js";

/** Record, Stop and Send: those that fit. `onRecorded(file, isToSend)`, `onStop()`. */
export function Acts({ onRecorded, onStop }) {
  const { isBusy } = conversation();
  const mayRecord = isEmpty() && !isBusy && state.isVoiceHeard && recordedSeconds.value === undefined;
  const record = () => {
    void startRecording({ onFile: onRecorded, onFault: sayLine, onEnd: focusField });
  };
  const stop = () => {
    onStop();
    focusField();
  };
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
      <button type="button" id="stop" hidden=${!isBusy} onClick=${stop}>Stop</button>
      <button type="submit" id="send" class="main-action" hidden=${isBusy && isEmpty()}>Send</button>
    </div>
  `;
}
