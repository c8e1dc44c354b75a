import { z } from "zod";

const entry = z.object({
  name: z.string().optional(),
  version: z.string().default(""),
  resolved: z.string().optional(),
  integrity: z.string().default(""),
  link: z.boolean().default(false),
  inBundle: z.boolean().default(false),
});
const lockFile = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), entry) });

/** One digest of 64 bytes. npm ignores an unreadable digest, and accepts any one of several. */
const digest = /^sha512-[A-Za-z0-9+/]{86}==$/u;
const folder = "node_modules/";

/**
 * What of a lock file would let something else be installed than was looked at, as `path: fault`.
 * @param aliases - the packages that stand under another name, by that name
 */
export function lockFaults(text: string, aliases: ReadonlyMap<string, string>): readonly string[] {
  const { packages } = lockFile.parse(JSON.parse(text));
  return Object.entries(packages).flatMap(([path, each]) => {
    if (path === "") return [];
    const under = path.slice(path.lastIndexOf(folder) + folder.length);
    const name = aliases.get(under) ?? under;
    const file = `https://registry.npmjs.org/${name}/-/${name.split("/").at(-1)}-${each.version}.tgz`;
    const faults: readonly (readonly [isSo: boolean, fault: string])[] = [
      [!path.startsWith(folder), "outside of node_modules"],
      [!digest.test(each.integrity), "integrity"],
      [each.link || each.inBundle, "not a package of its own"],
      [(each.name ?? name) !== name, "another package"],
      [each.resolved !== undefined && each.resolved !== file, "from elsewhere"],
      [!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/u.test(each.version), "version"],
    ];
    return faults.flatMap(([isSo, fault]) => (isSo ? [`${path}: ${fault}`] : []));
  });
}
