import { isRecord } from "@carapace/protocol";
import { parseJson } from "../../database/stored.ts";
import { usageAggregate } from "../../usage/aggregates.ts";
import { maxBytes } from "../paths.ts";
import { parseAll } from "./parsed.ts";
import { corrupt, type SmallStore } from "./small.ts";

const periods = [
  ["day", "daily", /^\d{4}-\d{2}-\d{2}$/],
  ["month", "monthly", /^\d{4}-\d{2}$/],
  ["session", "sessions", /^.{1,255}$/],
] as const;

/** Usage totals (state.md §6), taken in as sums. */
export const usageStore: SmallStore = {
  path: "usage/usage.json",
  store: "usage",
  maxBytes: maxBytes.usage,
  *read(text, context) {
    const file = parseJson(text);
    if (!isRecord(file)) return yield corrupt(context, "The file does not hold usage totals.");
    const values = periods.flatMap(([period, field, pattern]) => {
      const map = isRecord(file[field]) ? file[field] : {};
      return Object.entries(map).map(([name, sums]) =>
        isRecord(sums) && pattern.test(name) ? { ...sums, period, name } : undefined,
      );
    });
    const { records, problems } = parseAll(context, values, {
      schema: usageAggregate(),
      what: "a sum of usage",
      idOf: ({ period, name }) => `${period}/${name}`,
    });
    yield* problems;
    yield { kind: "usage", file: context.file, isEnabled: file["enabled"] !== false, aggregates: records };
  },
};
