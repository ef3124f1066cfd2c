import { type LabelsOf, type MetricName, metricCatalog, type NameOf, sourceOf } from "./catalog.ts";
import { type Series, SeriesTable } from "./series.ts";

/** What is read when somebody looks: a number, or several by the value of the metric's one label. */
type Reading = number | ReadonlyMap<string, number> | undefined;

/** The gateway's figures (http.md §7). Nothing here throws, waits or keeps what a caller chose without a bound. */
export interface Metrics {
  /** A counter's series, for those who count often. */
  counter<N extends NameOf<"counter">>(name: N, labels: LabelsOf<N>): Series;
  count<N extends NameOf<"counter">>(name: N, labels: LabelsOf<N>, by?: number): void;
  /** @param value In the metric's unit. */
  observe<N extends NameOf<"histogram">>(name: N, labels: LabelsOf<N>, value: number): void;
  /** A gauge, or a counter that is kept elsewhere: asked when somebody looks. */
  read(name: NameOf<"gauge" | "counter">, reading: () => Reading | Promise<Reading>): void;
  /** Prometheus' text format, version 0.0.4. */
  render(): Promise<string>;
}

interface Buckets {
  readonly counts: number[];
  sum: number;
}

const prefix = "carapace_";

export function createMetrics(): Metrics {
  const counters = new Map<MetricName, SeriesTable<Series>>();
  const histograms = new Map<MetricName, SeriesTable<Buckets>>();
  const readings = new Map<MetricName, () => Reading | Promise<Reading>>();
  const names = Object.keys(metricCatalog) as MetricName[];
  for (const name of names) {
    const { kind, labels = [], buckets = [] } = sourceOf(name);
    if (kind === "counter") counters.set(name, new SeriesTable(labels, () => ({ value: 0 })));
    if (kind === "histogram")
      histograms.set(name, new SeriesTable(labels, () => ({ counts: [...buckets, 0].map(() => 0), sum: 0 })));
  }

  function counter<N extends NameOf<"counter">>(name: N, labels: LabelsOf<N>): Series {
    return counters.get(name)?.of(valuesOf(name, labels)) ?? { value: 0 };
  }

  return {
    counter,
    count(name, labels, by = 1) {
      counter(name, labels).value += by;
    },
    observe(name, labels, value) {
      const series = histograms.get(name)?.of(valuesOf(name, labels));
      if (series === undefined || !Number.isFinite(value)) return;
      const { buckets = [] } = sourceOf(name);
      const index = buckets.findIndex((bound) => value <= bound);
      const at = index === -1 ? buckets.length : index;
      series.counts[at] = (series.counts[at] ?? 0) + 1;
      series.sum += value;
    },
    read: (name, reading) => void readings.set(name, reading),
    async render() {
      const parts = await Promise.all(
        names.map(async (name) => {
          const read = await readings.get(name)?.();
          const lines =
            read === undefined
              ? [...counterLines(name, counters.get(name)), ...histogramLines(name, histograms.get(name))]
              : readLines(name, read);
          const { kind, help } = sourceOf(name);
          return [`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${kind}`, ...lines].join("\n");
        }),
      );
      return `${parts.join("\n")}\n`;
    },
  };
}

function valuesOf(name: MetricName, labels: Readonly<Record<string, string>>): string[] {
  return (sourceOf(name).labels ?? []).map((label) => labels[label] ?? "");
}

function counterLines(name: MetricName, table: SeriesTable<Series> | undefined): string[] {
  return [...(table?.lines() ?? [])].map(({ labels, series }) => line(name, labels, series.value));
}

function histogramLines(name: MetricName, table: SeriesTable<Buckets> | undefined): string[] {
  const { buckets = [] } = sourceOf(name);
  return [...(table?.lines() ?? [])].flatMap(({ labels, series }) => {
    let total = 0;
    const counted = series.counts.map((count, index) => {
      total += count;
      const le = `le="${buckets[index] ?? "+Inf"}"`;
      return line(`${name}_bucket`, [...labels, le], total);
    });
    return [...counted, line(`${name}_sum`, labels, series.sum), line(`${name}_count`, labels, total)];
  });
}

function readLines(name: MetricName, read: number | ReadonlyMap<string, number>): string[] {
  if (typeof read === "number") return [line(name, [], read)];
  const table = new SeriesTable<Series>(sourceOf(name).labels ?? [], () => ({ value: 0 }));
  for (const [value, number] of read) table.of([value]).value = number;
  return counterLines(name, table);
}

function line(name: string, labels: readonly string[], value: number): string {
  const shown = labels.length === 0 ? "" : `{${labels.join(",")}}`;
  return `${prefix}${name}${shown} ${value}`;
}
