/** Label values in the order of the metric's label names. */
export type LabelValues = readonly string[];

/** One line of numbers: a counter or a gauge that is set. */
export interface Series {
  value: number;
}

/** Beyond so many label sets a metric counts under `other`: whoever calls must not choose how much memory it takes. */
const maxSeries = 200;
const other = "other";

/** The series of one metric, by label values. */
export class SeriesTable<S> {
  readonly #labels: readonly string[];
  readonly #make: () => S;
  readonly #series = new Map<string, { readonly values: LabelValues; readonly series: S }>();

  constructor(labels: readonly string[], make: () => S) {
    this.#labels = labels;
    this.#make = make;
    if (labels.length === 0) this.of([]);
  }

  /** The series of these values; a caller on a hot way keeps it. */
  of(values: LabelValues): S {
    const key = values.join("\0");
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    if (this.#series.size >= maxSeries && values.some((value) => value !== other))
      return this.of(this.#labels.map(() => other));
    const series = this.#make();
    this.#series.set(key, { values: [...values], series });
    return series;
  }

  /** Each with its labels as Prometheus writes them, sorted by them. */
  *lines(): Generator<{ readonly labels: readonly string[]; readonly series: S }> {
    const found = [...this.#series.values()].map(({ values, series }) => ({
      labels: this.#labels.map((name, index) => `${name}="${escaped(values[index] ?? "")}"`),
      series,
    }));
    yield* found.sort((a, b) => (a.labels.join() < b.labels.join() ? -1 : 1));
  }
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
