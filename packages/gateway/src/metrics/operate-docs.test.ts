import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metricCatalog } from "./catalog.ts";

const folder = join(import.meta.dir, "..", "..", "..", "..", "docs", "operate");

test.each(["alerts.yml", "grafana-dashboard.json"])(
  "%s asks only for figures that the gateway has, by labels they have",
  (file) => {
    const text = readFileSync(join(folder, file), "utf8").replaceAll('\\"', '"');
    const asked = [...text.matchAll(/carapace_([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{(\w+)=|\b(?![a-z_]))/g)];
    expect(asked.length).toBeGreaterThan(8);
    for (const [, name = "", label] of asked) {
      expect(Object.keys(metricCatalog)).toContain(name);
      const found = Object.entries(metricCatalog).find(([known]) => known === name)?.[1];
      const labels: readonly string[] = found !== undefined && "labels" in found ? found.labels : [];
      if (label !== undefined) expect(labels).toContain(label);
    }
  },
);
