const dayMs = 86_400_000;

/** Before then nothing is kept. 0: everything is. */
export function retainedFromMs({ retentionDays }: { readonly retentionDays: number }, nowMs: number): number {
  return retentionDays > 0 ? nowMs - retentionDays * dayMs : 0;
}
