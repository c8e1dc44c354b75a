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

/** Everything that Node loads with a file: files below `src`, and names of packages. Not what is imported later, or only as a type. */
export function loadedWith(file: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const load = (from: string): void => {
    if (loaded.has(from)) return;
    loaded.add(from);
    if (!from.endsWith(".ts")) return;
    for (const each of valuesImportedBy(from, readFileSync(join(root, from), "utf8")))
      load(each.startsWith(".") ? join(dirname(from), each) : each);
  };
  load(file);
  return loaded;
}

/** What a file imports at its top, and not only types of it. */
function valuesImportedBy(file: string, code: string): readonly string[] {
  const { module } = parseSync(file, code);
  const imported = module.staticImports
    .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
    .map(({ moduleRequest }) => moduleRequest.value);
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null || isType ? [] : [moduleRequest.value],
    ),
  );
  return [...imported, ...exported];
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
