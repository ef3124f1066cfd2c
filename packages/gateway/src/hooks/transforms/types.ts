import type { Json } from "@carapace/protocol";

/** A transform as a mapping names it. */
interface TransformAsk {
  readonly module: string;
  readonly exportName?: string | undefined;
  /** What its function gets. */
  readonly input: Json;
}

/** `failed`: why, for the log of the owner; a caller is not told. `busy`: too many of them run. */
export type TransformOutcome =
  | { readonly kind: "done"; readonly output: Json }
  | { readonly kind: "failed"; readonly say: string }
  | { readonly kind: "busy"; readonly say: string };

export interface TransformRunner {
  /** Never throws. */
  run(ask: TransformAsk): Promise<TransformOutcome>;
}
