import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type GatewayRepository, type RemoteGateway, remoteGateway } from "./types.ts";

export function gatewayRecords(deps: SealedDeps): Records<RemoteGateway> {
  return new Records(deps, { name: "remote gateway", schema: remoteGateway, pages: 1 });
}

/** The gateways this one links to (state.md §8). */
export function createGateways(deps: SealedDeps): GatewayRepository {
  const { connection } = deps;
  const gateways = gatewayRecords(deps);
  return {
    list: async () => connection.read(() => gateways.list()),
    save: async (gateway) => connection.write(() => gateways.save(gateway.id, gateway)),
    remove: async (id) => connection.write(() => gateways.remove(id)),
  };
}
