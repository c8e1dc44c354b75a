import { detect } from "chardet";

/** Enough for a guess; the whole file would take seconds. */
const sampleBytes = 65_536;
/** Characters that no text has: decoders make them of bytes that are no text. A short text may have a few. */
const maxStrangeShare = 0.02;
const fewStrange = 3;
const strange = /[^\P{Cc}\t\n\v\f\r\u0085]|\uFFFD/gu;
/** What TextDecoder knows by another name. */
const otherNames: Readonly<Record<string, string>> = { "ISO-8859-1": "windows-1252", Big5: "big5" };

/**
 * Decodes a text: by its byte order mark, as UTF-8 if it is valid UTF-8, by the declared encoding, or by a guess
 * (Windows-1252, Shift_JIS, GB18030 and others). Undefined: these bytes are no text.
 */
export function decodeText(bytes: Uint8Array, declared?: string): string | undefined {
  const marked = encodingOfMark(bytes) ?? encodingOfZeros(bytes);
  const text =
    marked === undefined
      ? (decodeAs("utf-8", bytes, true) ?? decodeGuessed(bytes, declared))
      : decodeAs(marked, bytes, false);
  return text !== undefined && isText(text) ? text : undefined;
}

function decodeGuessed(bytes: Uint8Array, declared: string | undefined): string | undefined {
  const sample = bytes.subarray(0, sampleBytes);
  const guess = detect(sample) ?? "windows-1252";
  const names = [...(declared === undefined ? [] : [declared]), otherNames[guess] ?? guess, "windows-1252"];
  for (const name of names) {
    const text = decodeAs(name, bytes, false);
    if (text !== undefined && isText(text)) return text;
  }
  return undefined;
}

/** Undefined: an unknown encoding, or with `isStrict` bytes that it does not have. */
function decodeAs(encoding: string, bytes: Uint8Array, isStrict: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: isStrict }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOfMark([one, two, three]: Uint8Array): string | undefined {
  if (one === 0xef && two === 0xbb && three === 0xbf) return "utf-8";
  if (one === 0xff && two === 0xfe) return "utf-16le";
  return one === 0xfe && two === 0xff ? "utf-16be" : undefined;
}

/** UTF-16 without a mark: in most languages every other byte is mostly zero. */
function encodingOfZeros(bytes: Uint8Array): string | undefined {
  const sample = bytes.subarray(0, 1_024);
  const zeros = (from: number): number => sample.filter((byte, at) => at % 2 === from && byte === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  if (odd > sample.length * 0.2 && even === 0) return "utf-16le";
  return even > sample.length * 0.2 && odd === 0 ? "utf-16be" : undefined;
}

function isText(text: string): boolean {
  const sample = text.slice(0, sampleBytes);
  const found = sample.match(strange)?.length ?? 0;
  return found <= Math.max(fewStrange, sample.length * maxStrangeShare) && !sample.includes("\0");
}
