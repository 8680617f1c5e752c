import { registerHooks } from "node:module";

/** Marks a module that is loaded anew; the first time a file is loaded under its own name. */
const marker = "?belay=";

/**
 * Which files a configuration is made of, and how to load those that changed anew. A module is kept for ever under its URL, so a changed file is loaded under
 * another one – as is every file that imports it, however far up. Files that did not change stay the modules they are, so that what they export is the same
 * object as before.
 *
 * Only files that are imported by path belong to it. A package is loaded once: a change in `node_modules` needs a restart.
 */
export class ModuleGraph implements Disposable {
  readonly #root: string;
  readonly #versions = new Map<string, number>();
  /** Imported file → those that import it. */
  readonly #importers = new Map<string, Set<string>>();
  readonly #hooks: { deregister(): void };

  /** `root` is the file that all others are reached from. From now on imports in this thread are followed. */
  constructor(root: URL) {
    this.#root = root.href;
    this.#hooks = registerHooks({
      resolve: (specifier, context, next) => {
        const resolved = next(specifier, context);
        const file = unmarked(resolved.url);
        const importer = unmarked(context.parentURL ?? "");
        const isOwn = this.#importers.has(importer) && /^(\.{0,2}\/|file:)/.test(specifier);
        if (file !== this.#root && !isOwn) return resolved;
        const importers = this.#importers.get(file) ?? new Set<string>();
        if (isOwn) importers.add(importer);
        this.#importers.set(file, importers);
        return { ...resolved, url: this.#marked(file) };
      },
    });
  }

  /** Where the root is to be imported from now. */
  get url(): string {
    return this.#marked(this.#root);
  }

  /** All files that were met so far, as URLs, the root among them. */
  get files(): readonly string[] {
    return [...new Set([this.#root, ...this.#importers.keys()])];
  }

  /** Lets these files, and all that depend on them, be loaded anew by the next import of `url`. */
  invalidate(changed: readonly string[]): void {
    const stale = new Set<string>();
    const pending = [this.#root, ...changed];
    for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
      if (stale.has(file)) continue;
      stale.add(file);
      pending.push(...(this.#importers.get(file) ?? []));
    }
    for (const file of stale) this.#versions.set(file, (this.#versions.get(file) ?? 0) + 1);
  }

  /** Imports are no longer followed. */
  [Symbol.dispose](): void {
    this.#hooks.deregister();
  }

  #marked(file: string): string {
    const version = this.#versions.get(file) ?? 0;
    return version === 0 ? file : `${file}${marker}${version}`;
  }
}

function unmarked(url: string): string {
  const at = url.lastIndexOf(marker);
  return at < 0 ? url : url.slice(0, at);
}
