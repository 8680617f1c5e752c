export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const width = 860;
const height = 380;
const margin = { left: 60, right: 170, top: 40, bottom: 45 };
const colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"];

/** A line chart as SVG text: linear axes from zero, a legend to the right. */
export function plotLines(title: string, axes: { readonly x: string; readonly y: string }, lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  const maxX = Math.max(1, ...all.map(([x]) => x));
  const maxY = Math.max(1, ...all.map(([, y]) => y)) * 1.05;
  const toX = (x: number): number => margin.left + (x / maxX) * (width - margin.left - margin.right);
  const toY = (y: number): number => height - margin.bottom - (y / maxY) * (height - margin.top - margin.bottom);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const grid = ticks.map((share) => {
    const y = toY(maxY * share);
    const x = toX(maxX * share);
    return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y}" y2="${y}" stroke="#ddd"/>
<text x="${margin.left - 8}" y="${y + 4}" text-anchor="end">${Math.round(maxY * share)}</text>
<text x="${x}" y="${height - margin.bottom + 18}" text-anchor="middle">${Math.round(maxX * share * 10) / 10}</text>`;
  });
  const drawn = lines.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const legendY = margin.top + 10 + index * 20;
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(" ")}"/>
<line x1="${width - margin.right + 12}" x2="${width - margin.right + 32}" y1="${legendY}" y2="${legendY}" stroke="${colour}" stroke-width="3"/>
<text x="${width - margin.right + 38}" y="${legendY + 4}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${margin.left}" y="22" font-size="15">${title}</text>
${grid.join("\n")}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 8}" text-anchor="middle">${axes.x}</text>
<text x="14" y="${margin.top - 8}">${axes.y}</text>
${drawn.join("\n")}
</svg>
`;
}
