/**
 * A combination is written as "Mod+Shift+O", "Alt+ArrowUp" or "?". Mod is the key that an application's own shortcuts use: ⌘ on
 * Apple's computers, Ctrl elsewhere.
 */
const isApple = /^(?:Mac|iP)/u.test(navigator.platform);
const appleNames = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };
const names = { Mod: "Ctrl", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", ...(isApple && appleNames) };

export function isPressed(combination, event) {
  const [key, ...modifiers] = combination.split("+").toReversed();
  const [mod, other] = isApple ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (other || mod !== modifiers.includes("Mod") || event.altKey !== modifiers.includes("Alt")) return false;
  // Many keyboards need Shift for a sign.
  const isSign = /^[^A-Z]$/u.test(key);
  return keyOf(event) === key && (isSign || event.shiftKey === modifiers.includes("Shift"));
}

/** What the keys of a combination are called on this computer. */
export function keyNames(combination) {
  return combination.split("+").map((key) => names[key] ?? key);
}

/** Keyboards of other alphabets have the Latin letters at the usual places. */
function keyOf({ key, code }) {
  const isOtherLetter = /^Key[A-Z]$/u.test(code) && /^[^a-z]$/iu.test(key);
  if (isOtherLetter) return code.at(-1);
  return key.length === 1 ? key.toUpperCase() : key;
}

/** Whether an Option key with an arrow moves the caret of this field. */
export function movesCaret({ altKey, target }) {
  return isApple && altKey && Boolean(target.value);
}
