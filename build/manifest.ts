/** A `package.json` as the workspace has it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly [field: string]: unknown;
}

/** Where a path of the sources is after compiling: `./src/http/index.ts` is `./dist/http/index.js`. Connectors have no `src`. */
export function compiledPath(path: string, extension: ".js" | ".d.ts"): string {
  return path.replace(/^\.\/(src\/)?/, "./dist/").replace(/\.ts$/, extension);
}

/**
 * The `package.json` that is published. The workspace runs from source, and Node strips types outside of `node_modules` only; so what is installed
 * exports compiled files, types first, because the first condition that fits is taken.
 *
 * Dependencies between our packages stay exact: they are released together and tested together only.
 */
export function publishedManifest(source: Manifest): Record<string, unknown> {
  const { private: _private, devDependencies: _devDependencies, scripts: _scripts, exports, bin, files = [], ...kept } = source;
  return {
    ...kept,
    engines: source.engines ?? { node: ">=24" },
    ...(exports && {
      exports: {
        ...Object.fromEntries(
          Object.entries(exports).map(([entry, path]) => [
            entry,
            { types: compiledPath(path, ".d.ts"), default: compiledPath(path, ".js") },
          ]),
        ),
        "./package.json": "./package.json",
      },
    }),
    ...(bin && {
      bin: Object.fromEntries(Object.entries(bin).map(([name, path]) => [name, compiledPath(path, ".js").replace(/^\.\//, "")])),
    }),
    files: ["dist", ...files],
  };
}
