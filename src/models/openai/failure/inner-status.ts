/** Error names of OpenAI's client, LiteLLM and others. */
const named: readonly (readonly [number, RegExp])[] = [
  [401, /\bAuthenticationError\b/u],
  [402, /\bBudgetExceeded(?:Error)?\b/u],
  [403, /\bPermissionDeniedError\b/u],
  [404, /\bNotFoundError\b/u],
  [429, /\bRateLimitError\b/u],
];
const numbered =
  /\b(?:status(?:[ _]code)?|error code|http(?:\/\d\.\d)?)\W{0,4}(40[123]|429)\b|\b(40[123]|429) (?:client error|unauthori[sz]ed|forbidden|payment required|too many requests)\b/iu;

/** The provider's status inside a gateway's own 5xx error, from its code or words. Undefined: none. */
export function innerStatus(status: number | undefined, code: unknown, words: string): number | undefined {
  if (status === undefined || status < 500) return undefined;
  const coded = Number(code);
  if ([401, 402, 403, 404, 429].includes(coded)) return coded;
  const [, behind, before] = numbered.exec(words) ?? [];
  return named.find(([, form]) => form.test(words))?.[0] ?? (Number(behind ?? before) || undefined);
}
