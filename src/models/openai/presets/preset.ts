import type { RequestFeature } from "../api/request-feature.ts";

/** The API that a server is called with. */
export type Api = "responses" | "chat";

/**
 * How Chat Completions carry the reasoning effort. `effort`: `reasoning_effort`; `object`: `reasoning: {effort}`;
 * `switch`: `thinking: {type}`, on or off; `template`: `none` turns thinking off in the chat template, else as `effort`.
 */
export type EffortForm = "effort" | "object" | "switch" | "template";

/** What is known in advance about one kind of server. */
export interface Preset {
  /** The only API that it has. Missing: Responses, and Chat Completions when Responses is not found. */
  readonly api?: Api;
  /** Matches its host names. Missing: it can run on any host. */
  readonly host?: RegExp;
  /** Its default port, if no other program commonly uses it. */
  readonly port?: string;
  /** Where the API starts on its host. Missing: `/v1`, or what the address says. */
  readonly path?: string;
  /** The header that carries the key instead of `Authorization: Bearer`. */
  readonly keyHeader?: string;
  /** Request features that it rejects or does not need. Missing: none. */
  readonly omitted?: readonly RequestFeature[];
  readonly effortForm?: EffortForm;
}

/** What servers omit that only know the first version of Chat Completions. */
export const firstVersion: readonly RequestFeature[] = ["maxCompletionTokens", "cacheKey", "strictTools"];
