import { defaultDeserialize, defaultSerialize } from "@keyv/serialize";
import type { KeyvOptions } from "keyv";

/** A text that begins with a colon, as a value. Keyv writes such texts in a form of its own. */
const colonText = /[:[,]":/u;

/** The same bytes as Keyv's own serializer, which is several times slower. For plain data. */
export function serialize(value: object): string {
  const bytes = JSON.stringify(value);
  return colonText.test(bytes) ? defaultSerialize(value) : bytes;
}

/** Reads Keyv's bytes. @throws {SyntaxError}, or a RangeError for bytes that are nested too deeply. */
export const deserialize: NonNullable<KeyvOptions["deserialize"]> = (bytes) =>
  colonText.test(bytes) ? defaultDeserialize(bytes) : JSON.parse(bytes);
