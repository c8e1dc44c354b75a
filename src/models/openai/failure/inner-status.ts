/** As OpenAI's own library, LiteLLM and others name what a provider answered. */
const named: readonly (readonly [number, RegExp])[] = [
  [401, /\bAuthenticationError\b/u],
  [402, /\bBudgetExceeded(?:Error)?\b/u],
  [403, /\bPermissionDeniedError\b/u],
  [404, /\bNotFoundError\b/u],
  [429, /\bRateLimitError\b/u],
];
const numbered =
  /\b(?:status(?:[ _]code)?|error code|http(?:\/\d\.\d)?)\W{0,4}(40[123]|429)\b|\b(40[123]|429) (?:client error|unauthori[sz]ed|forbidden|payment required|too many requests)\b/iu;

/**
 * What the provider answered, where a gateway tells that in words, or as its code, within a failure that it calls its own.
 * Undefined: it does not.
 */
export function innerStatus(status: number | undefined, code: unknown, words: string): number | undefined {
  if (status === undefined || status < 500) return undefined;
  const coded = Number(code);
  if ([401, 402, 403, 404, 429].includes(coded)) return coded;
  const [, behind, before] = numbered.exec(words) ?? [];
  return named.find(([, form]) => form.test(words))?.[0] ?? (Number(behind ?? before) || undefined);
}
