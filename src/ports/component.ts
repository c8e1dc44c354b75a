/** Whether a component works. `why` is for the operator and holds no names, texts or ids of people; empty when `ok`. */
export interface Health {
  readonly ok: boolean;
  readonly why: string;
  /** It can't recover without the operator. Missing: it may recover by itself. */
  readonly needsOperator?: true;
}

/** Something that the composition root opens, watches and disposes. */
export interface Component extends AsyncDisposable {
  /** The key in /readyz, such as "slack". */
  readonly name: string;
  /** The current state. Cheap: makes no request. */
  readonly health: () => Health;
}
