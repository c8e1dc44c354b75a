import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";

/** The platforms of this process, by name. */
export interface PlatformPorts {
  readonly platforms: ReadonlyMap<string, Platform>;
}

/** The platform of this name. @throws {PlatformError} if it is switched off in this process. */
export function platformFor(ports: PlatformPorts, name: string): Platform {
  const platform = ports.platforms.get(name);
  if (platform === undefined) throw new PlatformError("gone", `The platform "${name}" is switched off`);
  return platform;
}
