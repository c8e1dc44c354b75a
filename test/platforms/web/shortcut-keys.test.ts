import { expect, test, vi } from "vitest";

interface Keys {
  readonly isPressed: (combination: string, event: object) => boolean;
  readonly keyNames: (combination: string) => readonly string[];
}

// The page's own module: a browser has no types. It looks once at the computer that it is on.
const file = new URL("../../../src/platforms/web/page/shortcuts/keys.js", import.meta.url).href;

async function keysOn(platform: string): Promise<Keys> {
  vi.stubGlobal("navigator", { platform });
  const keys: Keys = await import(`${file}?${platform}`);
  vi.unstubAllGlobals();
  return keys;
}

const event = (key: string, code: string, ...modifiers: readonly string[]): object => ({
  key,
  code,
  ctrlKey: modifiers.includes("Ctrl"),
  altKey: modifiers.includes("Alt"),
  metaKey: modifiers.includes("Meta"),
  shiftKey: modifiers.includes("Shift"),
});

test.each([
  { platform: "Linux x86_64", mod: "Ctrl", other: "Meta", names: ["Ctrl", "Shift", "O", "Alt", "↑", "?"] },
  { platform: "MacIntel", mod: "Meta", other: "Ctrl", names: ["⌘", "⇧", "O", "⌥", "↑", "?"] },
])("keys have the names and meanings of $platform", async ({ platform, mod, other, names }) => {
  const { isPressed, keyNames } = await keysOn(platform);
  expect(["Mod+Shift+O", "Alt+ArrowUp", "?"].flatMap(keyNames)).toEqual(names);
  expect(isPressed("Mod+Shift+O", event("O", "KeyO", mod, "Shift"))).toBe(true);
  expect(isPressed("Mod+Shift+O", event("O", "KeyO", other, "Shift"))).toBe(false);
  expect(isPressed("Mod+Shift+O", event("O", "KeyO", mod, other, "Shift"))).toBe(false);
  expect(isPressed("Mod+K", event("k", "KeyK", mod))).toBe(true);
  expect(isPressed("Mod+K", event("K", "KeyK", mod, "Shift"))).toBe(false);
  expect(isPressed("Alt+ArrowUp", event("ArrowUp", "ArrowUp", "Alt"))).toBe(true);
  expect(isPressed("ArrowUp", event("ArrowUp", "ArrowUp", "Alt"))).toBe(false);
  expect(isPressed("ArrowUp", event("ArrowUp", "ArrowUp", "Shift"))).toBe(false);
});

test("keys work on other layouts", async () => {
  const { isPressed } = await keysOn("Win32");
  // Russian: the letter at the place of K. Dvorak: K is elsewhere, and something else is at its place.
  expect(isPressed("Mod+K", event("л", "KeyK", "Ctrl"))).toBe(true);
  expect(isPressed("Mod+K", event("k", "KeyV", "Ctrl"))).toBe(true);
  expect(isPressed("Mod+K", event("t", "KeyK", "Ctrl"))).toBe(false);
  // German: the slash is above 7. AltGr is Ctrl with Alt, and types text.
  expect(isPressed("Mod+/", event("/", "Digit7", "Ctrl", "Shift"))).toBe(true);
  expect(isPressed("Mod+/", event("/", "Digit7", "Ctrl", "Alt"))).toBe(false);
  expect(isPressed("?", event("?", "Minus", "Shift"))).toBe(true);
});
