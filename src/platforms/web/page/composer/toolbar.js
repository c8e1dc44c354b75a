/** Makes the bar one Tab stop, with arrow keys between its buttons. */
export function makeToolbar(bar) {
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = Array.from(bar.children);
    const at = buttons.indexOf(document.activeElement);
    if (step === undefined || at === -1) return;
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length].focus();
  });
  bar.addEventListener("focusin", ({ target }) => setStop(bar, target));
}

/** Sets the button on which Tab stops. */
export function setStop(bar, button = bar.firstElementChild) {
  for (const each of bar.children) each.tabIndex = each === button ? 0 : -1;
}
