import { z } from "zod";

import type { Setting } from "../domain/setting.ts";
import { isProxyAddress } from "../runtime/addresses/outbound-proxy.ts";
import { quotedValue } from "./quoted-value.ts";

/** A value for a header, which allows no other characters. */
export const secret = z
  .string()
  .refine((text) => /^[\x21-\x7e]+$/u.test(text), {
    // Not quoted: it is a secret.
    error: "There is a space, a line break or another character in it that no key and no token has",
  })
  .optional();

/** The name of a model for one purpose. Undefined: it is not used. */
export const modelName = z
  .string()
  .refine((text) => /^\S{1,200}$/u.test(text), {
    error: (issue) => `${quotedValue(issue.input)} is not the name of one model, such as gpt-transcribe`,
  })
  .optional();

/** `wrong`: the beginning of another kind of token. `belongs`: the setting of that kind. */
export function tokenWithout(wrong: string, belongs: string) {
  return secret.refine((text) => text === undefined || !text.startsWith(wrong), {
    error: `This begins with ${wrong} and belongs into ${belongs}`,
  });
}

export function wholeNumber(fallback: number, least: number, most: number) {
  return z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/u.test(text) && Number(text) >= least && Number(text) <= most, {
      error: (issue) => `${quotedValue(issue.input)} is not a whole number from ${least} to ${most}`,
    })
    .transform(Number);
}

export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]], fallback: NoInfer<Word>) {
  return z
    .enum(words, { error: (issue) => `${quotedValue(issue.input)} is not one of ${words.join(", ")}` })
    .default(fallback);
}

/** Empty entries are skipped; a text of commas alone is a wrong entry. */
function entriesIn(text: string): readonly string[] {
  const entries = text.split(",").map((entry) => entry.trim());
  const filled = entries.filter((entry) => entry !== "");
  return filled.length === 0 ? entries : filled;
}

/** Entries separated by commas. */
export function list(isRight: (entry: string) => boolean, fault: (wrong: string) => string) {
  return z
    .string()
    .default("")
    .transform((text, context) => {
      const entries = text === "" ? [] : entriesIn(text);
      const wrong = entries.find((entry) => !isRight(entry));
      if (wrong !== undefined) context.addIssue(fault(wrong));
      return entries;
    });
}

export function url(protocols: readonly string[], ending: string) {
  const shape = `a URL that begins with ${protocols.map((each) => `${each}//`).join(" or ")}${ending === "" ? "" : ` and ends in ${ending}`}`;
  return z
    .string()
    .refine(
      (text) =>
        URL.canParse(text) &&
        protocols.includes(new URL(text).protocol) &&
        (ending === "" || text.endsWith(ending)),
      // Not quoted: it may hold a password.
      { error: `This is not ${shape}` },
    )
    .optional();
}

/** `faultIn` must quote nothing: an address may contain a password. */
export function address(faultIn: (text: string) => string | undefined) {
  return z
    .string()
    .superRefine((text, context) => {
      const fault = faultIn(text);
      if (fault !== undefined) context.addIssue(fault);
    })
    .optional();
}

/** Removes the scheme of a token that was copied from a header. */
export function withoutScheme(text: unknown): unknown {
  return typeof text === "string" ? text.replace(/^(?:Bot|Bearer)\s+/iu, "") : text;
}

export const web = ["http:", "https:"];

/** Not quoted in faults: it may contain a password. */
export const proxy = z
  .string()
  .refine(isProxyAddress, {
    error: "This is not like http://proxy:3128; other kinds of proxies are not spoken to",
  })
  .optional();
/** Whether an address has only a host, a port and a path. */
export function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, pathname, href } = new URL(text);
  return web.includes(protocol) && href === origin + pathname && !/\/\//u.test(pathname);
}

/** What a setting of the core may be. */
export function schemaOf(setting: Setting) {
  switch (setting.kind) {
    case "text":
      return z.string().default(setting.fallback);
    case "word":
      return oneOf(setting.words, setting.fallback);
    case "number":
      return wholeNumber(setting.fallback, setting.least, setting.most);
  }
}
