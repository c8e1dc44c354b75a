import { useLayoutEffect, useRef } from "preact/hooks";

/** Properties that make a bar one Tab stop, with arrow keys between its buttons. */
export function useToolbar() {
  const ref = useRef();
  useLayoutEffect(() => {
    const { current: bar } = ref;
    setStop({ currentTarget: bar, target: bar.querySelector("[tabindex='0']") ?? bar.firstElementChild });
  });
  return { ref, role: "toolbar", onKeyDown: moveFocus, onFocusIn: setStop };
}

function moveFocus(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const buttons = [...event.currentTarget.children];
  const at = buttons.indexOf(event.target);
  if (step === undefined || at === -1) return;
  event.preventDefault();
  buttons.at((at + step) % buttons.length).focus();
}

/** Tab stops at the target. */
function setStop({ currentTarget: bar, target }) {
  for (const each of bar.children) each.tabIndex = each === target ? 0 : -1;
}
