/** The package has no types of its own: what we use of it. */
declare module "parse-prometheus-text-format" {
  interface Metric {
    /** Of a counter or a gauge. */
    readonly value?: string;
    readonly labels?: Readonly<Record<string, string>>;
    /** Of a histogram, by upper bound. */
    readonly buckets?: Readonly<Record<string, string>>;
    readonly count?: string;
    readonly sum?: string;
  }
  interface Family {
    readonly name: string;
    readonly type: string;
    readonly metrics: readonly Metric[];
  }
  export default function parse(text: string): readonly Family[];
}
