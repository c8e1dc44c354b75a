import { html } from "htm/preact";

import { Markdown } from "../answer/markdown.js";
import { ReplyBar } from "./reply-bar.js";
import { replyButtons } from "./reply-actions.js";

/** A remembered notice in the place of an answer. */
export function Notice({ message }) {
  const { buttons, isAgain } = replyButtons(message);
  return html`
    <div class=${isAgain ? "message notice again" : "message notice"} data-id=${message.id}>
      <${Markdown} text=${message.text} />
      ${buttons.length > 0 && html`<${ReplyBar} buttons=${buttons} />`}
    </div>
  `;
}
