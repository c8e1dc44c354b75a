import { defaultDeserialize, defaultSerialize } from "@keyv/serialize";
import fc from "fast-check";
import { expect, test } from "vitest";

import { deserialize, serialize } from "../../../src/storage/keyv/keyv-bytes.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(":", '"', "\\", ",", "[", "{", "a", "\n") }),
  fc.constantFrom(":", ":base64:", ':":', '":', ",:"),
);
const { value } = fc.letrec<{ readonly value: unknown; readonly record: object }>((tie) => ({
  record: fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("record"),
  ),
}));

test("plain data of any kind gets the bytes of Keyv's own serializer, and is read as Keyv reads it", () => {
  fc.assert(
    fc.property(value, (any) => {
      const bytes = serialize({ value: any });
      expect(bytes).toBe(defaultSerialize({ value: any }));
      expect(deserialize(bytes)).toEqual(defaultDeserialize(bytes));
    }),
    { numRuns: 2_000 },
  );
});
