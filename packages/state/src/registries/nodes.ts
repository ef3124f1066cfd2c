import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import {
  type NodeRepository,
  type NodeRequest,
  type NodeToken,
  nodeRequest,
  nodeToken,
  type PairedNode,
  pairedNode,
} from "./types.ts";

/** The sealed records behind the nodes. */
export interface NodeRecords {
  readonly nodes: Records<PairedNode>;
  readonly requests: Records<NodeRequest>;
  readonly tokens: Records<NodeToken>;
}

export function nodeRecords(deps: SealedDeps): NodeRecords {
  return {
    nodes: new Records(deps, { name: "node", schema: pairedNode, pages: 1 }),
    requests: new Records(deps, { name: "node request", schema: nodeRequest, pages: 1 }),
    tokens: new Records(deps, { name: "node token", schema: nodeToken, pages: 4 }),
  };
}

/** Paired nodes, requests and tokens; one whose record does not verify is unknown (websocket.md §13). */
export function createNodes(deps: SealedDeps): NodeRepository {
  const { connection } = deps;
  const { nodes, requests, tokens } = nodeRecords(deps);
  return {
    find: async (nodeId) => connection.read(() => nodes.find(nodeId)),
    all: async () =>
      connection.read(() => ({ nodes: nodes.list(), requests: requests.list(), tokens: tokens.list() })),
    save: async (node) => connection.write(() => nodes.save(node.nodeId, node)),
    saveRequest: async (request) => connection.write(() => requests.save(request.requestId, request)),
    saveToken: async (token) => connection.write(() => tokens.save(token.tokenHash, token)),
    findToken: async (tokenHash) => connection.read(() => tokens.find(tokenHash)),
    remove: async (nodeId) =>
      connection.write(() => {
        for (const token of tokens.list()) if (token.nodeId === nodeId) tokens.remove(token.tokenHash);
        return nodes.remove(nodeId);
      }),
  };
}
