import type { AnyConnector } from "@belay/sdk";
import { unified } from "@belay/sdk/models";
import type { UnifiedMapping, UnifiedModel } from "@belay/sdk/models";

/**
 * What each connector covers of each model, as a page: `docs/coverage.md`. Made from the mappings, so that it cannot say more than they do.
 *
 * @module
 */

const head = `# Coverage of the unified models

Written by \`npm run docs:coverage\` from the connectors' mappings; do not edit. How it is used: [guide/unified.md](guide/unified.md).

**rw** read and written · **r** read only · **–** the provider has no such field, or its mapping does not use it: null, or an empty list.
`;

export function coverageDocument(connectors: readonly AnyConnector[]): string {
  return [head, ...Object.values<UnifiedModel>(unified as never).map((model) => section(model, connectors))].join("\n");
}

function section(model: UnifiedModel, connectors: readonly AnyConnector[]): string {
  const title = `## ${model.title} (\`${model.category}/${model.model}\`)\n`;
  const covering = connectors.flatMap((connector) =>
    (connector.mappings ?? []).filter((mapping) => mapping.model.model === model.model).map((mapping) => ({ connector, mapping })),
  );
  if (covering.length === 0)
    return `${title}\nNo connector of this repository has such records yet. Fields: ${Object.keys(model.fields).join(", ")}.\n`;
  const rows = [
    ["field", ...covering.map(({ connector, mapping }) => `${connector.title}: \`${mapping.resource}\``)],
    ["---", ...covering.map(() => "---")],
    ["*create / update / live list*", ...covering.map(operations)],
    ...Object.keys(model.fields).map((field) => [`\`${field}\``, ...covering.map(({ mapping }) => cell(mapping, field))]),
  ];
  return `${title}\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`;
}

function operations({ connector, mapping }: { readonly connector: AnyConnector; readonly mapping: UnifiedMapping }): string {
  const resource = connector.resources[mapping.resource];
  const can = [mapping.writable.length > 0 && resource?.create, mapping.writable.length > 0 && resource?.update, resource?.list];
  return can.map((each) => (each === undefined || each === false ? "no" : "yes")).join(" / ");
}

function cell({ lineage, writable }: UnifiedMapping, field: string): string {
  const from = lineage[field];
  if (from === undefined) return "–";
  return `${writable.includes(field) ? "**rw**" : "**r**"} ${from.map((path) => `\`${path}\``).join(", ")}`;
}
