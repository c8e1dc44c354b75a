/** Whether a part works, and if not, why, in words for the operator: no names, texts or ids of people. */
export interface Health {
  readonly ok: boolean;
  readonly why: string;
  /** It does not come back by itself: an operator has to act. Missing: it may. */
  readonly needsOperator?: true;
}

/** Something the composition root opens, watches and closes. */
export interface Component extends AsyncDisposable {
  /** The key in /readyz: "slack". */
  readonly name: string;
  readonly health: () => Health;
}
