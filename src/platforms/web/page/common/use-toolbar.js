import { useLayoutEffect, useRef } from "preact/hooks";

/** Makes the bar of the returned ref one Tab stop, with arrow keys between its buttons. */
export function useToolbar() {
  const bar = useRef();
  useLayoutEffect(() => {
    bar.current.addEventListener("keydown", moveFocus);
    bar.current.addEventListener("focusin", ({ target }) => setStop(bar.current, target));
  }, []);
  useLayoutEffect(() => {
    const stop = bar.current.querySelector("[tabindex='0']");
    setStop(bar.current, stop ?? bar.current.firstElementChild);
  });
  return bar;
}

function moveFocus(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const buttons = [...event.currentTarget.children];
  const at = buttons.indexOf(event.target);
  if (step === undefined || at === -1) return;
  event.preventDefault();
  buttons.at((at + step) % buttons.length).focus();
}

/** Sets the button on which Tab stops. */
function setStop(bar, button) {
  for (const each of bar.children) each.tabIndex = each === button ? 0 : -1;
}
