import type { AnsweredCall } from "../../../domain/prompt.ts";

/** Calls that the model made together, with the items that must precede their results. */
export interface CallGroup {
  /** Missing: the calls came from another server and are rebuilt. */
  readonly provider?: readonly unknown[];
  readonly calls: readonly AnsweredCall[];
}

/** Groups calls. The first call of each group carries the provider's items. */
export function callGroups(calls: readonly AnsweredCall[] = []): readonly CallGroup[] {
  const groups: { provider?: readonly unknown[]; calls: AnsweredCall[] }[] = [];
  for (const call of calls) {
    const last = groups.at(-1);
    if (last === undefined || call.provider !== undefined) {
      groups.push({ calls: [call], ...(call.provider === undefined ? {} : { provider: call.provider }) });
    } else {
      last.calls.push(call);
    }
  }
  return groups;
}
