/**
 * How the harness reaches into the product: replacements of single places in its sources, made while a process of the harness loads them
 * (`inject.ts`). Nothing of it is in the product. Each place must be found exactly once, so that a refactoring cannot make one vanish silently.
 *
 * @module
 */
export interface Transform {
  /** Below `packages/`. */
  readonly file: string;
  /** Code; it matches however it is broken into lines. */
  readonly find: string;
  readonly replace: string;
}

/** @throws when a place is not found exactly once. */
export function applyTransforms(file: string, source: string, transforms: readonly Transform[]): string {
  return transforms.reduce((text, { find, replace, file: own }) => {
    if (own !== file) return text;
    const parts = text.split(toPattern(find));
    if (parts.length !== 2) {
      throw new Error(`The crash harness expects this code once in packages/${file}, but found it ${parts.length - 1} times: ${find}`);
    }
    return parts.join(replace);
  }, source);
}

/** The formatter may break a line anywhere between two tokens, and then adds a comma after the last argument. */
function toPattern(code: string): RegExp {
  const tokens = code.match(/\w+|[^\w\s]/g) ?? [];
  return new RegExp(
    tokens.map((token) => (token === ")" ? String.raw`,?\s*\)` : token.replace(/[^\w]/, String.raw`\$&`))).join(String.raw`\s*`),
  );
}
