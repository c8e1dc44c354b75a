/** The app of a platform, installed in one workspace or organisation. */
export interface Installation {
  readonly platform: string;
  /** The platform's id of the workspace or organisation. Unique on the platform. */
  readonly id: string;
  /** A secret: it is stored sealed, and never logged. */
  readonly token: string;
  /** Fields that only the platform reads. */
  readonly account: Readonly<Record<string, string>>;
  readonly installedAtMs: number;
}
