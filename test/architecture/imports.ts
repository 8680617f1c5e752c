import { posix } from "node:path";
import { confinedPackages, connectorImports, packageImports, sliceImports, testImports, typeImports } from "./rules.ts";
import { isTest, parse, type SourceFile, type Violation, violation } from "./sources.ts";

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly offset: number;
}

/** Every import of a file: static, re-exporting and dynamic with a literal. */
export function findImports(file: SourceFile): Import[] {
  const { staticImports, staticExports, dynamicImports } = parse(file).module;
  const imports = staticImports.map(({ moduleRequest, entries, start }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    offset: start,
  }));
  const exports = staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType, start }) =>
      moduleRequest === null ? [] : [{ specifier: moduleRequest.value, typeOnly: isType, offset: start }],
    ),
  );
  const dynamic = dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const literal = /^["'](.*)["']$/.exec(file.text.slice(start, end))?.[1];
    return literal === undefined ? [] : [{ specifier: literal, typeOnly: false, offset: start }];
  });
  return [...imports, ...exports, ...dynamic];
}

/** Every import that the table in `rules.ts` does not allow. */
export function checkImports(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    findImports(file).flatMap((found) => {
      const problem = judge(file.path, found);
      return problem === undefined ? [] : [violation(file, found.offset, problem)];
    }),
  );
}

function judge(path: string, { specifier, typeOnly }: Import): string | undefined {
  if (/^(bench|test)\//.test(path)) return undefined;
  if (specifier.startsWith(".")) return judgeRelative(path, posix.join(posix.dirname(path), specifier));
  return specifier.startsWith("@belay/") ? judgeWorkspace(path, specifier, typeOnly) : judgeThirdParty(path, specifier, typeOnly);
}

function judgeRelative(from: string, to: string): string | undefined {
  if (isTest(from) && to.startsWith("test/")) return undefined;
  if (packageOf(from) !== packageOf(to)) return `imports ${to} by path; other packages are imported by name.`;
  const [own, other] = [sliceOf(from), sliceOf(to)];
  if (own === undefined || own === other) return undefined;
  if (other === undefined) return `imports ${to}: a slice does not import what stands above the slices.`;
  if (!(own in sliceImports)) return `the slice "${own}" is not in test/architecture/rules.ts.`;
  if (!/^index\.tsx?$/.test(posix.relative(`packages/server/src/${other}`, to))) return `reaches past ${other}/index.ts to ${to}.`;
  const allowed: readonly string[] = sliceImports[own as keyof typeof sliceImports];
  if (isTest(from) || allowed.includes(other)) return undefined;
  return `the slice "${own}" may not import "${other}": commit a message or a job, and let main.ts register who handles it.`;
}

function judgeWorkspace(path: string, specifier: string, typeOnly: boolean): string | undefined {
  const group = groupOf(path);
  if (group === undefined) return `this folder is not in test/architecture/rules.ts.`;
  const name = specifier.split("/").slice(0, 2).join("/");
  const own: readonly string[] = packageImports[group];
  const allowed = [
    ...own,
    ...(typeOnly && group in typeImports ? typeImports[group as keyof typeof typeImports] : []),
    ...(isTest(path) ? testImports : []),
  ];
  if (allowed.some((pattern) => posix.matchesGlob(name, pattern))) return undefined;
  return `${group} may not import ${name}${typeOnly ? "" : " at run time"}; allowed: ${allowed.join(", ") || "none"}.`;
}

function judgeThirdParty(path: string, specifier: string, typeOnly: boolean): string | undefined {
  if (isTest(path)) return undefined;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const places: readonly string[] | undefined = confinedPackages[name as keyof typeof confinedPackages];
  if (!typeOnly && path.startsWith("packages/") && places !== undefined && !places.some((place) => path.startsWith(place))) {
    return `${name} is used in ${places.join(", ")} only.`;
  }
  const connectorMay: readonly string[] = connectorImports;
  if (path.startsWith("connectors/") && !connectorMay.includes(name))
    return `a connector imports ${connectorMay.join(" and ")} only, not ${name}.`;
  return undefined;
}

type Group = keyof typeof packageImports;

function groupOf(path: string): Group | undefined {
  return (Object.keys(packageImports) as Group[]).find((pattern) => posix.matchesGlob(packageOf(path), pattern));
}

function packageOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

/** The slice that a file of the server lies in; nothing for `main.ts` and other packages. */
function sliceOf(path: string): string | undefined {
  return /^packages\/server\/src\/([^/]+)\//.exec(path)?.[1];
}
