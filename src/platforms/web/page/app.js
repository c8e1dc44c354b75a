import { batch, effect } from "@preact/signals";
import { html, render } from "htm/preact";

import { App } from "./shell/app.js";
import { shortcutActions } from "./shortcuts/shortcut-actions.js";
import { listenToKeys } from "./shortcuts/shortcuts.js";
import { chooseByAddress, markRead } from "./state/choose.js";
import { frames } from "./state/frames.js";
import { connect } from "./state/link.js";
import { parseAddress } from "./state/parse-address.js";
import { state, titleOf } from "./state/state.js";

render(html`<${App} />`, document.body);
effect(() => {
  document.title = `${titleOf(state.current)} · Threadkeeper`;
});
connect((frame) => batch(() => frames[frame.type]?.(frame)));
listenToKeys(shortcutActions);
addEventListener("hashchange", chooseByAddress);
document.addEventListener("visibilitychange", markRead);
if (parseAddress(location.hash).conversation !== undefined) chooseByAddress();
