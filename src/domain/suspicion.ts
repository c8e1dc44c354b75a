/**
 * A conversation during whose turn a process died. Trials find out whether it was the cause: it runs as the only suspect of
 * a process, and between two trials a process must survive a pause without it.
 */
export interface Suspicion {
  /** How many processes died during a turn of the conversation. */
  readonly cuts: number;
  /** How many of them died with it as the only suspect, after surviving a pause without it. */
  readonly alone: number;
  /** A trial is running: it is the only suspect at work. */
  readonly isAlone?: true;
  /** The pause before a trial is running: does the process survive without it? */
  readonly isHeld?: true;
}
