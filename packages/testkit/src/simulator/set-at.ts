/** An object in which `value` stands at the dotted path; `root` is changed. */
export function setAt(root: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? path;
  let current = root;
  for (const name of names) {
    const inner = current[name];
    const next = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
    current[name] = next;
    current = next;
  }
  current[last] = value;
}
