const dayMs = 86_400_000;

/** Oldest time (ms) that is retained. 0 if everything is. */
export function retainedFromMs({ retentionDays }: { readonly retentionDays: number }, nowMs: number): number {
  return retentionDays > 0 ? nowMs - retentionDays * dayMs : 0;
}
