/** Figures as aligned lines, `name  1,234.5`, numbers right-aligned, at most two decimals. Empty for no figures. */
export function formatFigures(figures: Readonly<Record<string, number>>): string {
  const rows = Object.entries(figures).map(([name, figure]) => [name, formatNumber(figure)] as const);
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length));
  const figureWidth = Math.max(0, ...rows.map(([, text]) => text.length));
  return rows.map(([name, text]) => `${name.padEnd(nameWidth)}  ${text.padStart(figureWidth)}`).join("\n");
}

function formatNumber(figure: number): string {
  return figure.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
