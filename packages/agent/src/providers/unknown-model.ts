import type { ModelEvent } from "../types.ts";
import { endedBecause } from "./failures.ts";

/** The answer to a request for a model that cannot exist, by its name: nobody is asked. */
export async function* unknownModel(subject: Parameters<typeof endedBecause>[1]): AsyncGenerator<ModelEvent> {
  yield { kind: "failed", failure: endedBecause("no_such_model", subject) };
}
