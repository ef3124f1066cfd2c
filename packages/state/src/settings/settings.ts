import { once } from "@carapace/protocol";
import { z } from "zod";
import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { SettingRepository } from "../types.ts";

/** Small durable values of the gateway, each a sealed record. */
export function createSettings(deps: SealedDeps): SettingRepository {
  const records = settingRecords(deps);
  return {
    get: async (name) => deps.connection.read(() => records.find(name)?.value),
    set: async (name, value) => deps.connection.write(() => records.save(name, { value })),
  };
}

export function settingRecords(deps: SealedDeps): Records<{ value?: unknown }> {
  return new Records(deps, {
    name: "setting",
    schema: once(() => z.object({ value: z.unknown() })),
    pages: 1,
  });
}
