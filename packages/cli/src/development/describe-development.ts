import type { Config } from "@belay/sdk";
import type { OpenSimulation } from "./open-simulation.ts";
import { alignColumns } from "./table.ts";

export interface Development {
  readonly config: Config;
  /** Belay's address. */
  readonly url: string;
  readonly adminToken: string;
  readonly simulation: OpenSimulation | undefined;
  /** Events per minute at the simulated providers. */
  readonly perMinute: number;
  /** The folder with the data, if it is kept. */
  readonly data: string | undefined;
}

/** The same for programs. Of endpoints the whole URL, of simulated connections the provider's too. */
export function developmentFacts({ config, url, adminToken, simulation, data }: Development): object {
  const connections = config.connections.map(({ id, tenant, connector, endpoint }) => {
    const simulated = simulation?.connections.find((each) => each.id === id);
    const webhooksTo = simulated === undefined ? endpoint : simulated.webhooks?.endpoint;
    return {
      id,
      tenant,
      connector,
      ...(simulated && { baseUrl: simulated.baseUrl }),
      ...(webhooksTo !== undefined && { webhooksTo: `${url}/in/${webhooksTo}` }),
    };
  });
  return {
    url,
    adminToken,
    data: data ?? null,
    connections,
    flows: config.flows.map(({ id }) => id),
    ...(simulation && { controls: simulation.controls }),
  };
}

/** What runs, where it can be reached, and what there is to see. */
export function describeDevelopment({ config, url, adminToken, simulation, perMinute, data }: Development): string {
  const sections = [
    [
      `Belay runs at ${url}. Its data is ${data === undefined ? "in memory and gone when it stops" : `in ${data}`}. Stop it with Ctrl-C.`,
      ...(simulation === undefined ? [] : ["Every provider is simulated: no account is needed, and nothing leaves this machine."]),
    ].join("\n"),
    `connections\n${simulation === undefined ? describeConnections(config, url) : describeSimulated(config, url, simulation)}`,
    `look\n${alignColumns([
      ["what became of events", "belay messages"],
      ["the story of one", "belay show <id>"],
      ["send one yourself", "belay send <connection> <event type>"],
      ["figures", `curl -s -H 'authorization: Bearer ${adminToken}' ${url}/v1/figures`],
      ["dead letters", "belay dead-letters list"],
      ...((config.syncs ?? []).length === 0 ? [] : [["how syncs stand", "belay syncs"]]),
      ...Object.entries(simulation?.controls ?? {}).map(([id, control]) => [`${id}: faults, webhooks, history`, `curl -s ${control}`]),
    ])}`,
    ...(simulation === undefined ? [] : [describeTraffic(config, simulation, perMinute)]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function describeConnections({ connections }: Config, url: string): string {
  if (connections.length === 0) return "  none yet: add one to the configuration";
  return alignColumns(
    connections.map(({ id, connector, endpoint }) => [id, connector, endpoint === undefined ? "" : `webhooks to ${url}/in/${endpoint}`]),
  );
}

function describeSimulated(config: Config, url: string, { connections }: OpenSimulation): string {
  if (connections.length === 0) return "  none yet: add one to the configuration";
  return alignColumns(
    connections.map(({ id, connector, baseUrl, webhooks }) => [
      id,
      config.connectors.find((candidate) => candidate.id === connector)?.title ?? connector,
      baseUrl,
      webhooks === undefined ? "" : `webhooks to ${url}/in/${webhooks.endpoint}`,
    ]),
  );
}

function describeTraffic({ flows }: Config, { connections }: OpenSimulation, perMinute: number): string {
  if (!connections.some(({ webhooks }) => webhooks !== undefined))
    return "No connector here declares webhooks, so nothing happens by itself.";
  const flowNames = flows.length === 0 ? "No flow listens to them yet." : `Flows that listen: ${flows.map(({ id }) => id).join(", ")}.`;
  if (perMinute === 0) return `Nothing happens by itself, as --events 0 asks. ${flowNames}`;
  return `Things happen at the providers, ${perMinute} a minute (--events). → is a webhook to Belay, ← what Belay does at a provider.\n${flowNames}\n`;
}
