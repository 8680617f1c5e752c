import { type ConnectorDefinition, recordPathOf, type WriteSafety } from "@belay/sdk";
import type { Method } from "@belay/sdk/http";

interface Declared {
  readonly methods: readonly Method[];
  readonly path: RegExp;
  readonly safety: WriteSafety;
}

/** Nothing is known of the write: it is sent once. */
const unknown: WriteSafety = { kind: "once" };

/**
 * Tells how a write at a path may be repeated, by what the connector declares of the resource that lies there. Worked out once per connector.
 *
 * @returns a function of method and path below the base URL, without query.
 */
export function declaredSafety(connector: ConnectorDefinition): (method: Method, path: string) => WriteSafety {
  const declared = Object.values(connector.resources).flatMap((resource): Declared[] => {
    const { create, update } = resource;
    return [
      ...(create === undefined ? [] : [{ methods: ["POST"] as const, path: toPattern(resource.path, connector), safety: create.safety }]),
      ...(update === undefined
        ? []
        : [{ methods: [update.method], path: toPattern(recordPathOf(resource), connector), safety: update.safety }]),
    ];
  });
  return (method, path) => declared.find((each) => each.methods.includes(method) && each.path.test(path))?.safety ?? unknown;
}

function toPattern(path: string, { versions }: ConnectorDefinition): RegExp {
  const source = path
    .replaceAll("{version}", versions?.use ?? "")
    .split(/\{\w+\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/]+");
  return new RegExp(`^${source}$`);
}
