import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { parseSync } from "oxc-parser";

/** One import of a source file. Both are paths below `src`, or `to` is the name of a package. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly isPackage: boolean;
}

const root = fileURLToPath(new URL("../../src/", import.meta.url));

/** Every import of every TypeScript file of `src`: of values and of types, at the top and in functions. */
export function importsOfSource(): readonly Import[] {
  return globSync("**/*.ts", { cwd: root }).flatMap((from) =>
    specifiersIn(from, readFileSync(join(root, from), "utf8")).map((specifier) =>
      specifier.startsWith(".")
        ? { from, to: join(dirname(from), specifier), isPackage: false }
        : { from, to: specifier, isPackage: true },
    ),
  );
}

/** What a file imports, as it is written there. @throws where the file can't be parsed, or imports something whose name is computed. */
export function specifiersIn(file: string, code: string): readonly string[] {
  const { module, errors } = parseSync(file, code);
  if (errors.length > 0) throw new SyntaxError(`${file} can't be parsed`);
  const fixed = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
    ),
  ];
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => {
    const written = /^"(?<name>[^"]+)"$/u.exec(code.slice(start, end))?.groups?.["name"];
    if (written === undefined) throw new SyntaxError(`${file} imports what only the running program knows`);
    return written;
  });
  return [...fixed, ...dynamic];
}

/** The files that can reach themselves by their imports, as one example, or undefined. */
export function cycleIn(imports: readonly Import[]): readonly string[] | undefined {
  const targets = Map.groupBy(
    imports.filter(({ isPackage }) => !isPackage),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Whether an import brings in something from npm. */
export function isFromNpm({ to, isPackage }: Import): boolean {
  return isPackage && !isBuiltin(to);
}
