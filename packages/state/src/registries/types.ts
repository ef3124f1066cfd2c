import { once } from "@carapace/protocol";
import { z } from "zod";

/** A paired node, with the fields of the reference (state.md §8; websocket.md §12.7); further ones are kept. */
export const pairedNode = once(() =>
  z.looseObject({
    nodeId: z.string().min(1).max(255),
    pairedAtMs: z.number(),
  }),
);
export type PairedNode = z.infer<ReturnType<typeof pairedNode>>;

export const nodeRequest = once(() =>
  z.looseObject({
    requestId: z.string().min(1).max(255),
    nodeId: z.string(),
    state: z.string(),
    createdAtMs: z.number(),
  }),
);
export type NodeRequest = z.infer<ReturnType<typeof nodeRequest>>;

/** Only the hash of a node's token is known. */
export const nodeToken = once(() =>
  z.looseObject({
    /** Lower-case hex SHA-256. */
    tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
    nodeId: z.string(),
    issuedAtMs: z.number(),
    expiresAtMs: z.number(),
    revoked: z.boolean(),
  }),
);
export type NodeToken = z.infer<ReturnType<typeof nodeToken>>;

/** Everything about nodes. */
export interface NodeRegistry {
  readonly nodes: readonly PairedNode[];
  readonly requests: readonly NodeRequest[];
  readonly tokens: readonly NodeToken[];
}

/** Paired nodes, their requests and tokens (websocket.md §13). The rules live in the gateway. */
export interface NodeRepository {
  find(nodeId: string): Promise<PairedNode | undefined>;
  all(): Promise<NodeRegistry>;
  save(node: PairedNode): Promise<void>;
  saveRequest(request: NodeRequest): Promise<void>;
  saveToken(token: NodeToken): Promise<void>;
  findToken(tokenHash: string): Promise<NodeToken | undefined>;
  /** The node with its tokens. */
  remove(nodeId: string): Promise<boolean>;
}

/** A gateway this one links to (state.md §8); no token is kept here. */
export const remoteGateway = once(() =>
  z.looseObject({
    id: z.string().min(1).max(255),
    name: z.string(),
    url: z.string(),
  }),
);
export type RemoteGateway = z.infer<ReturnType<typeof remoteGateway>>;

export interface GatewayRepository {
  list(): Promise<RemoteGateway[]>;
  save(gateway: RemoteGateway): Promise<void>;
  remove(id: string): Promise<boolean>;
}

/** The owner's rules for commands, verbatim: what clients compare is the hash of the text (websocket.md §12.8). */
export interface ExecApprovals {
  readonly text: string;
  /** Lower-case hex SHA-256 of the text. */
  readonly hash: string;
}

export interface ApprovalRepository {
  get(): Promise<ExecApprovals | undefined>;
  set(text: string): Promise<ExecApprovals>;
}
