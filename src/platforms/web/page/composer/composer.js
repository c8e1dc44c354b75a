import { useSignalEffect } from "@preact/signals";
import { html } from "htm/preact";
import { useCallback } from "preact/hooks";

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
import { attachFiles, sendDraft, sendWhenDue } from "./send-draft.js";

/** The message box. `handlers`, the same ones always: onSay(text, files), onCommand({ name, argument }), onStop(), onBegin(). */
export function Composer({ handlers }) {
  const send = () => sendDraft(handlers);
  const attach = useCallback((files) => attachFiles(files, handlers.onBegin), [handlers]);
  const onRecorded = (file, isToSend) => {
    attach([file]);
    if (isToSend) send();
  };
  const onSubmit = (event) => {
    event.preventDefault();
    send();
  };
  useSignalEffect(() => sendWhenDue(handlers));
  return html`
    <form id="composer" aria-label="Write" onSubmit=${onSubmit}>
      <${Newest} />
      <${CommandBar} onCommand=${handlers.onCommand} />
      <${CommandMenu} />
      <${CommandUsage} />
      <${AttachedFiles} />
      <${Recording} />
      <${AttachButton} onFiles=${attach} />
      <${MessageField} onSend=${send} onFiles=${attach} />
      <${Acts} onRecorded=${onRecorded} onStop=${handlers.onStop} />
      <p class="hint" id="hint">
        ${isTouch() ? "/ for commands." : "Enter to send, Shift+Enter for a new line, / for commands."}
      </p>
    </form>
    <${DropArea} onFiles=${attach} />
  `;
}
