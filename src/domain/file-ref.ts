/** Identifies a file on its platform. Only that platform can read it: see `Platform.readFile`. It never holds a URL. */
export interface FileRef {
  readonly platform: string;
  /** The installation whose token reads the file: Slack's workspace. Missing: the platform has only one. */
  readonly installation?: string;
  /** The platform's id of the file, in a form from which the platform can find it. */
  readonly id: string;
}
