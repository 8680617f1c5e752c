import { BelayError } from "@belay/sdk";
import type { UnifiedMapping } from "@belay/sdk/models";

/** Each entry is left out once: of a list that is longer, which nobody's card has, that would take the process for too long. */
const longestList = 100;

/**
 * Refuses entries of lists that would be left out: many providers have room for one address where the model has many. Found out by writing the list without each of them; what then is written
 * all the same has no place there.
 *
 * @throws `UNIFIED_FIELD_REFUSED` naming the first of them.
 */
export function refuseDropped(
  mapping: Pick<UnifiedMapping, "model" | "toProvider">,
  data: Readonly<Record<string, unknown>>,
  how: { readonly creating: boolean },
): void {
  for (const [name, list] of Object.entries(data)) {
    if (!Array.isArray(list) || list.length > longestList) continue;
    const texts = list.map((entry) => JSON.stringify(entry));
    // One that is there twice is written once, and nothing is lost.
    const once: readonly unknown[] = list.filter((_, at) => texts.indexOf(texts[at] ?? "") === at);
    const written = (entries: readonly unknown[]): string => JSON.stringify(mapping.toProvider({ [name]: entries }, how).input);
    const whole = written(once);
    const dropped = list.indexOf(once.find((_, at) => written(once.toSpliced(at, 1)) === whole));
    if (dropped === -1) continue;
    throw new BelayError(
      "UNIFIED_FIELD_REFUSED",
      `${mapping.model.title}.${name}.${dropped}: this provider has no place for it beside the others; leave it out.`,
      {
        details: { paths: [`${name}.${dropped}`] },
      },
    );
  }
}
