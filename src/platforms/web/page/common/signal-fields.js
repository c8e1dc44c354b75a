import { signal } from "@preact/signals";

/**
 * Makes each field of an object a signal: a component or effect that reads it follows its changes. Set fields to new
 * arrays, maps and sets; a change inside one is not noticed.
 */
export function signalFields(object) {
  for (const [name, first] of Object.entries(object)) {
    const field = signal(first);
    const set = (value) => (field.value = value);
    Object.defineProperty(object, name, { get: () => field.value, set, enumerable: true });
  }
  return object;
}
