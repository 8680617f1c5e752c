import type { ResourceModel } from "./resource-model.ts";

/** What a path means to the provider's API: a resource's collection, or one record of it. */
export interface RouteMatch {
  readonly model: ResourceModel;
  /** What the path says about where the records live: `{ owner: "acme", repo: "app" }`. */
  readonly place: Readonly<Record<string, string>>;
  /** Undefined: the collection. */
  readonly id: string | undefined;
}

export type MatchRoute = (pathname: string) => RouteMatch | undefined;

/** Reads the paths of all resources once. `pathname` begins after the account. */
export function matchRoutes(models: ReadonlyMap<string, ResourceModel>): MatchRoute {
  const routes = [...models.values()].map((model) => ({ model, segments: segmentsOf(model.resource.path) }));
  return (pathname) => {
    const asked = segmentsOf(pathname).map(decode);
    for (const { model, segments } of routes) {
      if (asked.length !== segments.length && asked.length !== segments.length + 1) continue;
      const place = matchSegments(segments, asked);
      if (place !== undefined) return { model, place, id: asked[segments.length] };
    }
    return undefined;
  };
}

function matchSegments(pattern: readonly string[], asked: readonly string[]): Readonly<Record<string, string>> | undefined {
  const place: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const value = asked[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined ? segment !== value : value === "") return undefined;
    if (name !== undefined) place[name] = value;
  }
  return place;
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").slice(1);
}

/** What is no valid encoding stands for itself, and so for a record that does not exist. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
