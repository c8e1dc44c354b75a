import { isValidSlackRequest } from "@slack/bolt";
import fc from "fast-check";
import { expect, test } from "vitest";

import { checkHeaders } from "../../../src/platforms/slack/connection/check-headers.ts";
import { SigningKey } from "../../../src/platforms/slack/connection/signing-key.ts";
import { signatureOf } from "../../support/slack/slack-http-transport.ts";

// https://docs.slack.dev/authentication/verifying-requests-from-slack
const example = {
  secret: "8f742231b10e8888abcd99yyyzzz85a5",
  timestamp: 1_531_420_618,
  body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
};
const key = new SigningKey(example.secret);
const { timestamp, signature } = example;
const hex = signature.slice(3);

test("the example of Slack's documentation is valid", () => {
  expect(key.verifies(example, Buffer.from(example.body))).toBe(true);
});

test.each([
  ["of another secret", signatureOf(example.body, timestamp, "another secret")],
  ["of another time", signatureOf(example.body, timestamp + 1, example.secret)],
  ["of another body", signatureOf(`${example.body} `, timestamp, example.secret)],
  ["with another digit", `v0=b${hex.slice(1)}`],
  ["that is too short", signature.slice(0, -2)],
  ["that is too short by half a byte", signature.slice(0, -1)],
  ["that is too long", `${signature}00`],
  ["with other letters behind it", `${signature}zz`],
  ["with other letters in it", `v0=${hex.slice(0, -2)}zz`],
  ["without digits", "v0="],
  ["without a version", hex],
  ["of another version", `v1=${hex}`],
  ["that is empty", ""],
])("a signature %s is not valid", (_, given) => {
  expect(key.verifies({ timestamp, signature: given }, Buffer.from(example.body))).toBe(false);
});

test("an empty secret is refused: everybody could sign with it", () => {
  expect(() => new SigningKey("")).toThrow("The signing secret is empty");
});

test("headers and signature are judged as by Slack's library, within five minutes of the future", () => {
  const nowMs = timestamp * 1_000;
  const signed = fc.record({
    secret: fc.constantFrom("secret", "sécret", "s"),
    body: fc.string({ unit: "grapheme", maxLength: 200 }),
    secondsAway: fc.oneof(fc.integer({ min: -302, max: -298 }), fc.integer({ min: -1_000, max: 300 })),
    forge: fc.constantFrom("none", "body", "secret", "digit", "length", "version"),
    digit: fc.nat(15).map((each) => each.toString(16)),
    at: fc.nat(63),
  });
  fc.assert(
    fc.property(signed, ({ secret, body, secondsAway, forge, digit, at }) => {
      const sentAt = timestamp + secondsAway;
      const real = signatureOf(
        forge === "body" ? `${body}.` : body,
        sentAt,
        forge === "secret" ? "other" : secret,
      );
      const given = {
        none: real,
        body: real,
        secret: real,
        digit: real.slice(0, 3 + at) + digit + real.slice(4 + at),
        length: real.slice(0, 3 + at),
        version: real.replace("v0", "v1"),
      }[forge];
      const sent = { "x-slack-request-timestamp": String(sentAt), "x-slack-signature": given };
      const verdict = checkHeaders(sent, nowMs);
      const isValid =
        verdict.kind === "signed" && new SigningKey(secret).verifies(verdict, Buffer.from(body));
      const headers = { "x-slack-request-timestamp": sentAt, "x-slack-signature": given };
      expect(isValid).toBe(
        isValidSlackRequest({ signingSecret: secret, body, headers, nowMilliseconds: nowMs }),
      );
    }),
    { numRuns: 500 },
  );
});
