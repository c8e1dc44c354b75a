import { countTokens as countEncoded, setMergeCacheSize } from "gpt-tokenizer/encoding/o200k_base";

// The encoder's cache holds on to every text that it saw a rare word in, 100,000 of them: people's words would stay
// in-process after they were deleted, and memory would grow with the length of the messages.
setMergeCacheSize(0);

const sliceChars = 500;
// OpenAI doesn't say which encoding its newest models use.
const margin = 1.1;
// Text like <|endoftext|> is text when a person writes it.
const asPlainText = { disallowedSpecial: new Set<string>() };

/**
 * How many tokens a text takes, estimated from above. Any text whatever: the encoder's time grows with the square of
 * an unbroken run of letters, so it is given slices.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (let start = 0; start < text.length;) {
    const end = sliceEnd(text, start);
    tokens += countEncoded(text.slice(start, end), asPlainText);
    start = end;
  }
  return Math.ceil(tokens * margin);
}

/** Never between the two halves of a surrogate pair. */
function sliceEnd(text: string, start: number): number {
  const end = Math.min(start + sliceChars, text.length);
  return end < text.length && text.codePointAt(end - 1) !== text.charCodeAt(end - 1) ? end - 1 : end;
}
