import { execFileSync, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { join } from "node:path";

/** Why tests with a certificate of their own can't run here; undefined when they can. */
export const opensslIsMissing: string | undefined =
  spawnSync("openssl", ["version"]).status === 0 ? undefined : "openssl is not installed";

/** Makes a certificate for 127.0.0.1 and `names` that no authority vouches for. `owner`: whose the key is to be. */
export function makeCertificate(
  folder: string,
  owner?: { readonly uid: number; readonly gid: number },
  names: readonly string[] = [],
): { readonly key: string; readonly certificate: string } {
  const key = join(folder, "key.pem");
  const certificate = join(folder, "cert.pem");
  const subject = [
    "-subj",
    "/CN=here",
    "-addext",
    `subjectAltName=${["IP:127.0.0.1", ...names.map((name) => `DNS:${name}`)].join(",")}`,
  ];
  const how = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
  execFileSync("openssl", [...how, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  if (owner !== undefined) for (const file of [key, certificate]) chownSync(file, owner.uid, owner.gid);
  return { key, certificate };
}
