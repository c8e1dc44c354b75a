import { html } from "htm/preact";

import { IconButton } from "../common/icon-button.js";
import { stop } from "../state/actions.js";
import { conversation, state } from "../state/state.js";
import { fileLine, focusField, isEmpty } from "./draft.js";
import { canRecord, recordedSeconds, recordMessage } from "./recorder.js";
import { attachFiles, sendDraft } from "./send-draft.js";

const mic = "M9 6a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21";

/** Record, Stop and Send: those that fit. */
export function Acts() {
  const { isBusy } = conversation();
  const isIdle = isEmpty() && !isBusy && recordedSeconds.value === undefined;
  const mayRecord = isIdle && state.isVoiceHeard && canRecord;
  return html`
    <div class="acts">
      <${IconButton}
        id="record"
        label="Record a message"
        shape=${mic}
        hidden=${!mayRecord}
        onClick=${record}
      />
      <button type="button" id="stop" hidden=${!isBusy} onClick=${stopAnswer}>Stop</button>
      <button type="submit" id="send" class="main-action" hidden=${isBusy && isEmpty()}>Send</button>
    </div>
  `;
}

async function record() {
  const { fault, file, isToSend } = await recordMessage();
  focusField();
  if (fault !== undefined) fileLine.value = fault;
  if (file !== undefined) attachFiles([file]);
  if (isToSend) sendDraft();
}

function stopAnswer() {
  stop();
  focusField();
}
