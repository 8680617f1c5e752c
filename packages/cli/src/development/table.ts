/** Rows as lines whose columns stand under one another. The last column is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], indent = "  "): string {
  const widths: number[] = [];
  for (const row of rows) for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  return rows
    .map((row) =>
      `${indent}${row.map((text, column) => (column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0))).join("  ")}`.trimEnd(),
    )
    .join("\n");
}
