import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { recordedSeconds, stopRecording } from "./recorder.js";

export function Recording() {
  const button = useRef();
  const seconds = recordedSeconds.value;
  const isOn = seconds !== undefined;
  useLayoutEffect(() => {
    if (isOn) button.current.focus();
  }, [isOn]);
  return html`
    <div id="recording" role="group" aria-label="Recording" hidden=${!isOn} onKeyDown=${cancelWithEscape}>
      <span class="light" aria-hidden="true"></span>
      <span class="what">Recording <span id="recorded">${timeOf(seconds ?? 0)}</span></span>
      <button type="button" id="cancel-recording" onClick=${cancel}>Cancel</button>
      <button type="button" id="send-recording" class="main-action" ref=${button} onClick=${send}>
        Send recording
      </button>
    </div>
  `;
}

function cancelWithEscape(event) {
  if (event.key !== "Escape") return;
  event.preventDefault();
  cancel();
}

function send() {
  stopRecording("send");
}

function cancel() {
  stopRecording("drop");
}

function timeOf(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
