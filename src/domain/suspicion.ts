/**
 * What is known of a conversation in whose midst a process ended. Whether it brought the process down is found out by
 * trial: it runs as the only suspect of a process, and between two trials a process has to live without it.
 */
export interface Suspicion {
  /** How often a process ended while it worked on the conversation. */
  readonly cuts: number;
  /** How often that happened while it was the only suspect at work, in a process that lived without it. */
  readonly alone: number;
  /** It is the only suspect at work now. */
  readonly isAlone?: true;
  /** It is held back now, to see whether the process lives without it. */
  readonly isHeld?: true;
}
