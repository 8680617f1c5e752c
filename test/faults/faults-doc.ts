import type { Layer, Observed } from "./fault.ts";

/** The table of `docs/faults.md`: what each fault came to, layer by layer. */
export function faultsTable(observed: readonly Observed[]): string {
  const layers = [...new Set(observed.map(({ fault }) => fault.layer))];
  return layers.flatMap((layer) => sectionOf(layer, observed)).join("\n");
}

function sectionOf(layer: Layer, observed: readonly Observed[]): string[] {
  const rows = observed
    .filter(({ fault }) => fault.layer === layer)
    .map(({ fault, explanation: { code, class: name, owner, texts } }) => {
      const told = (["tenant", "support", "engineer"] as const).map(
        (register) => `${texts[register].happened} *${texts[register].remedy}*`,
      );
      const cells = [fault.fault, fault.injected, `\`${code}\``, `[${name}](failures.md#${name})`, owner, ...told];
      return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    });
  return [
    `## ${layer[0]?.toUpperCase() ?? ""}${layer.slice(1)}`,
    "",
    "| fault | injected | code | class | who acts | the tenant is told | support is told | engineers are told |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ];
}
