/** One measured figure: its samples and the limit it must keep (design: *Figures to beat*). */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "MiB" | "per s" | "times" | "%";
  readonly samples: readonly number[];
  readonly limit: number;
  /** `most`: the median may not be above the limit; `least`: not below. */
  readonly bound: "most" | "least";
}

/** One measure: what it does to get its figures. `short` asks for few samples. */
export type Measure = (options: { short: boolean }) => Promise<Figure[]>;

export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function keepsLimit(figure: Figure): boolean {
  const median = quantile(figure.samples, 0.5);
  return figure.bound === "most" ? median <= figure.limit : median >= figure.limit;
}

/** `name   median   spread (5 %–95 %)   limit   verdict` */
export function row(figure: Figure): string[] {
  const digits =
    figure.unit === "per s" || figure.unit === "times" ? 0 : quantile(figure.samples, 0.5) < 10 ? 2 : 1;
  const text = (value: number): string => value.toFixed(digits);
  return [
    figure.name,
    `${text(quantile(figure.samples, 0.5))} ${figure.unit}`,
    `${text(quantile(figure.samples, 0.05))}–${text(quantile(figure.samples, 0.95))}`,
    `${figure.bound === "most" ? "≤" : "≥"} ${figure.limit}`,
    keepsLimit(figure) ? "kept" : "OVER",
    `n=${figure.samples.length}`,
  ];
}
