import { html } from "htm/preact";

import { CopyButton } from "../common/copy-button.js";
import { copyText } from "../common/copy-text.js";
import { useToolbar } from "../common/use-toolbar.js";
import { ReplyButton } from "./reply-button.js";

/** The bar below a reply: one Tab stop. `source()`: the reply as it was written; missing: it can't be copied. */
export function ReplyBar({ buttons, source }) {
  const toolbar = useToolbar();
  const copy = ({ currentTarget }) => void copyText(currentTarget, source());
  return html`
    <div class="tools" ...${toolbar} aria-label="This answer">
      ${buttons.map((each) => html`<${ReplyButton} key=${each.id} ...${each} />`)}
      ${source && html`<${CopyButton} label="Copy this answer" onClick=${copy} />`}
    </div>
  `;
}
