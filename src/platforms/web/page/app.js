import { batch, effect } from "@preact/signals";
import { html, render } from "htm/preact";

import { App } from "./shell/app.js";
import { listenToKeys } from "./shortcuts/listen-to-keys.js";
import { chooseByAddress, markRead, parseAddress } from "./state/choose.js";
import { frames } from "./state/frames.js";
import { connect } from "./state/link.js";
import { state, titleOf } from "./state/state.js";

render(html`<${App} />`, document.body);
effect(() => {
  document.title = `${titleOf(state.current)} · Threadkeeper`;
});
connect((frame) => batch(() => frames[frame.type]?.(frame)));
listenToKeys();
addEventListener("hashchange", chooseByAddress);
document.addEventListener("visibilitychange", markRead);
if (parseAddress(location.hash).conversation !== undefined) chooseByAddress();
