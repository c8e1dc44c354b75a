import { useSignalEffect } from "@preact/signals";
import { html } from "htm/preact";

import { isTouch } from "../common/touch.js";
import { Newest } from "../log/newest.js";
import { Acts } from "./acts.js";
import { AttachButton } from "./attach-button.js";
import { AttachedFiles } from "./attached-files.js";
import { CommandBar } from "./command-bar.js";
import { CommandMenu } from "./command-menu.js";
import { CommandUsage } from "./command-usage.js";
import { DropArea } from "./drop-area.js";
import { MessageField } from "./message-field.js";
import { Recording } from "./recording.js";
import { sendDraft, sendWhenDue } from "./send-draft.js";

export function Composer() {
  useSignalEffect(sendWhenDue);
  return html`
    <form id="composer" aria-label="Write" onSubmit=${submit}>
      <${Newest} />
      <${CommandBar} />
      <${CommandMenu} />
      <${CommandUsage} />
      <${AttachedFiles} />
      <${Recording} />
      <${AttachButton} />
      <${MessageField} />
      <${Acts} />
      <p class="hint" id="hint">
        ${isTouch() ? "/ for commands." : "Enter to send, Shift+Enter for a new line, / for commands."}
      </p>
    </form>
    <${DropArea} />
  `;
}

function submit(event) {
  event.preventDefault();
  sendDraft();
}
